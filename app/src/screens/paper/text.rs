//! Text of records on paper: paragraphs, lists and emphasis, as the light marks in it mean.

use leptos::prelude::*;
use shared::domain::formatted::{Block, Look, Span, blocks, spans};

/// A text in paragraphs and lists.
#[component]
pub fn Paragraphs(
    /// The text; an empty line parts paragraphs, a line break stays.
    text: String,
) -> impl IntoView {
    blocks(&text)
        .into_iter()
        .map(|block| match block {
            Block::Paragraph(lines) => view! { <p>{lines_of(lines)}</p> }.into_any(),
            Block::Bullets(items) => view! {
                <ul class="paper-bullets">
                    {items.into_iter().map(|lines| view! { <li>{lines_of(lines)}</li> }).collect_view()}
                </ul>
            }
            .into_any(),
            // Each number as it was typed.
            Block::Numbered(items) => view! {
                <ol class="paper-list">
                    {items
                        .into_iter()
                        .map(|(number, lines)| view! { <li value=number.to_string()>{lines_of(lines)}</li> })
                        .collect_view()}
                </ol>
            }
            .into_any(),
        })
        .collect_view()
}

/// A line of text with its emphasis.
#[component]
pub fn Emphasised(
    /// The text.
    text: String,
) -> impl IntoView {
    line_of(spans(&text))
}

fn lines_of(lines: Vec<Vec<Span>>) -> AnyView {
    lines
        .into_iter()
        .enumerate()
        .map(|(place, line)| view! { {(place > 0).then(|| view! { <br /> })} {line_of(line)} })
        .collect_view()
        .into_any()
}

fn line_of(line: Vec<Span>) -> AnyView {
    line.into_iter()
        .map(|Span { text, look }| match look {
            Look::Plain => text.into_any(),
            Look::Italic => view! { <em>{text}</em> }.into_any(),
            Look::Bold => view! { <strong>{text}</strong> }.into_any(),
            Look::BoldItalic => view! { <strong><em>{text}</em></strong> }.into_any(),
        })
        .collect_view()
        .into_any()
}
