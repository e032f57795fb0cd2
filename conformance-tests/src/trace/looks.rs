//! The looks that a call takes at a medium.

use std::collections::HashMap;

use super::{Phase, Step, Trace};

/// Returns the calls that succeeded, each once, in their order, where a trace shows nothing but looks.
pub(crate) fn looks(trace: &Trace) -> Vec<Step> {
    let mut counts: HashMap<(u32, &str), usize> = HashMap::new();
    let mut looks = Vec::new();
    for event in trace.events.iter().filter(|event| event.phase != Phase::Begun) {
        let count = counts.entry((event.thread, &event.name)).or_default();
        *count += 1;
        let look = Step { when: *count, call: event.name.clone() };
        if event.phase == Phase::Ended && !looks.contains(&look) {
            looks.push(look);
        }
    }
    looks
}
