//! What the writer asks before it stores, and what it decides. Both are plain data, so that a store can
//! fetch the facts for a whole batch of pushes at once.
