//! The icons: one path each on a field of 24 by 24, drawn with a stroke in the colour of the text.

use leptos::prelude::*;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// A house.
    Home,
    /// A written page.
    Report,
    /// Two rings that join.
    Agreement,
    /// A plan of lines.
    Plan,
    /// A magnifying glass.
    Search,
    /// Sliders.
    Settings,
    /// A plus.
    Add,
    /// A tick.
    Check,
    /// A tick in a ring.
    CheckRing,
    /// A cloud with a tick.
    Cloud,
    /// A cloud struck through.
    CloudOff,
    /// Two arrows in a ring.
    Turning,
    /// A phone.
    Device,
    /// A triangle with a mark.
    Warning,
    /// A ring with a bar.
    Refused,
    /// A ring with an i.
    Information,
    /// A cross.
    Close,
    /// A bin.
    Bin,
    /// An arrow that turns back.
    Restore,
    /// An arrow into a tray.
    Import,
    /// An arrow out of a tray.
    Export,
    /// A printer.
    Print,
    /// Three dots.
    More,
    /// A chevron down.
    Down,
    /// A chevron up.
    Up,
    /// A chevron left.
    Left,
    /// A clock.
    Clock,
    /// A pencil.
    Pencil,
    /// A funnel.
    Filter,
    /// A fork of two ways.
    Fork,
    /// A paper plane.
    Submit,
    /// A seal.
    Seal,
    /// A box for the archive.
    Archive,
    /// A person.
    Person,
    /// A map pin.
    Place,
    /// An eye.
    Eye,
}

impl Glyph {
    /// Its line, as SVG draws it.
    pub fn path(self) -> &'static str {
        match self {
            Glyph::Home => "M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-6h4v6",
            Glyph::Report => "M7 3h7l5 5v13H7zM14 3v5h5M10 13h6M10 17h6",
            Glyph::Agreement => "M14.5 12a5 5 0 1 1-5-5 5 5 0 0 1 5 5zM19.5 12a5 5 0 1 1-5-5 5 5 0 0 1 5 5z",
            Glyph::Plan => "M4 5h16v14H4zM4 10h16M9 10v9M12.5 14.5h4",
            Glyph::Search => "M16.5 11a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0zM15 15l5 5",
            Glyph::Settings => {
                "M4 7h9M17 7h3M4 17h3M11 17h9M17 7a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM11 17a2 2 0 1 1-4 0 2 2 0 0 1 4 0z"
            }
            Glyph::Add => "M12 5v14M5 12h14",
            Glyph::Check => "M5 12.5l4.5 4.5L19 7.5",
            Glyph::CheckRing => "M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0zM8 12.3l2.8 2.8L16 9.8",
            Glyph::Cloud => {
                "M7.5 18.5a4 4 0 0 1-.6-8 5.5 5.5 0 0 1 10.6 1.3 3.4 3.4 0 0 1-.5 6.7zM9.3 14l1.9 1.9 3.5-3.6"
            }
            Glyph::CloudOff => {
                "M4 4l16 16M8.8 6.9a5.5 5.5 0 0 1 8.7 4.1 3.7 3.7 0 0 1 2.6 5.3M6.7 10.3a4.1 4.1 0 0 0 .8 8.2h9"
            }
            Glyph::Turning => {
                "M19.5 11A7.5 7.5 0 0 0 6 7.2L4 9.5M4.5 13A7.5 7.5 0 0 0 18 16.8l2-2.3M4 5v4.5h4.5M20 19v-4.5h-4.5"
            }
            Glyph::Device => "M7 3h10v18H7zM11 18h2",
            Glyph::Warning => "M12 4L2.8 20h18.4zM12 10v4.5M12 17.3v.2",
            Glyph::Refused => "M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0zM8 12h8",
            Glyph::Information => "M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0zM12 11v5M12 7.8V8",
            Glyph::Close => "M6 6l12 12M18 6L6 18",
            Glyph::Bin => "M4 7h16M9 7V4h6v3M6.5 7l1 14h9l1-14M10 11v6M14 11v6",
            Glyph::Restore => "M4 9.5h10a5.5 5.5 0 0 1 0 11H9M8 5L4 9.5 8 14",
            Glyph::Import => "M12 4v10M8 10.5l4 4 4-4M4 15v5h16v-5",
            Glyph::Export => "M12 15V4.5M8 8l4-4 4 4M4 15v5h16v-5",
            Glyph::Print => "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
            Glyph::More => {
                "M5.5 11.3a.7.7 0 1 0 .01 0zM12 11.3a.7.7 0 1 0 .01 0zM18.5 11.3a.7.7 0 1 0 .01 0z"
            }
            Glyph::Down => "M6 9.5l6 6 6-6",
            Glyph::Up => "M6 14.5l6-6 6 6",
            Glyph::Left => "M14.5 6l-6 6 6 6",
            Glyph::Clock => "M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0zM12 7v5l3.5 2",
            Glyph::Pencil => "M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5",
            Glyph::Filter => "M4 6h16M7 12h10M10 18h4",
            Glyph::Fork => {
                "M12 21v-7M12 14C12 9 6 10 6 4M12 14c0-5 6-4 6-10M3.5 6.5L6 4l2.5 2.5M15.5 6.5L18 4l2.5 2.5"
            }
            Glyph::Submit => "M4 11.5L20 4l-5.5 16.5-3.5-6.5zM11 14l9-10",
            Glyph::Seal => {
                "M12 3l2.3 1.8 2.9-.2.7 2.8 2.4 1.6-1.1 2.7 1.1 2.7-2.4 1.6-.7 2.8-2.9-.2L12 20.4l-2.3-1.8-2.9.2-.7-2.8-2.4-1.6 1.1-2.7-1.1-2.7 2.4-1.6.7-2.8 2.9.2zM8.8 11.8l2.3 2.3 4.2-4.4"
            }
            Glyph::Archive => "M3.5 5h17v4h-17zM5 9v11h14V9M10 13h4",
            Glyph::Person => "M15.5 8a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0zM5 20.5c.5-4 3.5-6 7-6s6.5 2 7 6",
            Glyph::Place => {
                "M12 21c-4-4.5-6.5-7.7-6.5-11a6.5 6.5 0 0 1 13 0c0 3.3-2.5 6.5-6.5 11zM14.3 10a2.3 2.3 0 1 1-4.6 0 2.3 2.3 0 0 1 4.6 0z"
            }
            Glyph::Eye => {
                "M2.5 12C5 7.5 8.3 5.5 12 5.500s7 2 9.5 6.500c-2.5 4.5-5.8 6.5-9.5 6.500S5 16.5 2.5 12zM15 12a3 3 0 1 1-6 0 3 3 0 0 1 6 0z"
            }
        }
    }
}

/// Draws an icon. It is for the eye only: the words beside it say the same.
#[component]
pub fn Icon(
    /// Which.
    #[prop(into)]
    glyph: Signal<Glyph>,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=move || glyph.get().path()></path>
        </svg>
    }
}

/// The mark of Simpul: a knot, as in `public/icons/simpul.svg`.
#[component]
pub fn Emblem() -> impl IntoView {
    view! {
        <svg class="emblem" viewBox="0 0 512 512" aria-hidden="true" focusable="false">
            <rect class="emblem-ground" width="512" height="512" rx="112"></rect>
            <path class="emblem-thread" d="M256 201.6C285.7 201.6 315.3 207.2 341.6 217.5C367.9 227.8 390.8 242.9 407.8 260.5C424.8 278.1 435.9 298.1 440.1 317.7C444.3 337.2 441.6 356.2 432.7 371.6C423.8 387 408.7 398.8 389.7 405C370.7 411.1 347.7 411.5 324 405.6C300.3 399.7 275.8 387.4 253.7 369.8C231.6 352.2 211.9 329.3 197.1 303.6C182.3 277.9 172.3 249.4 168.1 221.5C163.9 193.6 165.5 166.2 172.2 142.7C178.9 119.2 190.8 99.5 205.6 86.1C220.4 72.7 238.2 65.6 256 65.6C273.8 65.6 291.6 72.7 306.4 86.1C321.2 99.5 333.1 119.2 339.8 142.7C346.5 166.2 348.1 193.6 343.9 221.5C339.7 249.4 329.7 277.9 314.9 303.6C300.1 329.3 280.4 352.2 258.3 369.8C236.2 387.4 211.7 399.7 188 405.6C164.3 411.5 141.3 411.1 122.3 405C103.3 398.8 88.2 387 79.3 371.6C70.4 356.2 67.7 337.2 71.9 317.7C76.1 298.1 87.2 278.1 104.2 260.5C121.2 242.9 144.1 227.8 170.4 217.5C196.7 207.2 226.3 201.6 256 201.6Z"></path>
            <path class="emblem-gap" d="M312.7 402.3C293.5 396 274.2 385.6 256.3 371.9C238.5 358.1 222.1 340.9 208.5 321.4M112.7 252.4C127.8 238.9 146.4 227.3 167.3 218.8C188.1 210.2 211.2 204.6 234.9 202.5M342.6 154.1C346.7 173.9 347.4 195.8 344.4 218.2C341.4 240.5 334.7 263.3 324.7 284.8"></path>
            <path class="emblem-thread" d="M363.1 409.7C340.9 410.8 315.9 405.5 291.7 393.8C267.5 382.2 244.1 364.2 224.4 341.8C204.8 319.4 189 292.5 178.9 264.4M81.1 292.3C91.3 272.5 108.3 253.6 130.6 238.4C152.8 223.3 180 212 209.3 206.2C238.5 200.4 269.6 200.1 299 205.5M323.8 106.8C335.9 125.5 343.7 149.7 345.7 176.5C347.7 203.3 343.9 232.6 334.3 260.9C324.7 289.1 309.4 316.2 290 338.9"></path>
        </svg>
    }
}
