//! One connection to the relay. A connection is a cursor: nothing is queued for it.
