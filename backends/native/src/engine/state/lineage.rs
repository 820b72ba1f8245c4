//! `descendant of` (`eql-semantics.md` §14), one event at a time.

use std::collections::{HashMap, HashSet, VecDeque};

use eqlc_ir::Literal;
use foldhash::fast::RandomState;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::entry::Process;

/// A process, by a number that no other one ever has.
type ProcessId = u64;

/// The processes seen so far, what stands above them, and which queries their events satisfied.
pub(super) struct Tree {
    ids: HashMap<SmolStr, ProcessId, RandomState>,
    nodes: HashMap<ProcessId, Node, RandomState>,
    /// The processes in the order in which they may be forgotten.
    order: VecDeque<ProcessId>,
    next: ProcessId,
    most: usize,
    forgotten: u64,
}

struct Node {
    name: SmolStr,
    above: SmallVec<[ProcessId; 2]>,
    /// The questions whose query an event of the process satisfied.
    had: SmallVec<[usize; 2]>,
    /// Whether it was seen since it last might have been forgotten.
    seen: bool,
}

/// The process of an event: itself, and what the event says stands above it.
#[derive(Default)]
pub(super) struct Known {
    own: SmallVec<[ProcessId; 1]>,
    over: SmallVec<[ProcessId; 4]>,
}

impl Tree {
    /// A tree of at most so many processes.
    pub(super) fn new(most: usize) -> Self {
        let (ids, nodes) = (HashMap::default(), HashMap::default());
        Self { ids, nodes, order: VecDeque::new(), next: 0, most: most.max(1), forgotten: 0 }
    }

    /// How many processes were forgotten since this was last asked.
    pub(super) fn forgotten(&mut self) -> u64 {
        std::mem::take(&mut self.forgotten)
    }

    /// Grows by what an event says.
    pub(super) fn grow(&mut self, process: &Process) -> Known {
        let own = process.own.iter().filter_map(|name| self.id(name)).collect::<SmallVec<[_; 1]>>();
        let over = process.over.iter().filter_map(|name| self.id(name)).collect::<SmallVec<[_; 4]>>();
        for id in &own {
            let Some(node) = self.nodes.get_mut(id) else { continue };
            for above in &over {
                if !node.above.contains(above) {
                    node.above.push(*above);
                }
            }
        }
        Known { own, over }
    }

    /// The number of a process; the one that was not seen for longest may have to be forgotten for it.
    fn id(&mut self, name: &Literal) -> Option<ProcessId> {
        let Literal::Str(name) = name else { return None };
        if let Some(id) = self.ids.get(name) {
            self.nodes.get_mut(id).into_iter().for_each(|node| node.seen = true);
            return Some(*id);
        }
        while self.nodes.len() >= self.most {
            let Some(oldest) = self.order.pop_front() else { break };
            let seen = self.nodes.get_mut(&oldest).is_some_and(|node| std::mem::take(&mut node.seen));
            if seen {
                self.order.push_back(oldest);
            } else if let Some(node) = self.nodes.remove(&oldest) {
                self.ids.remove(&node.name);
                self.forgotten += 1;
            }
        }
        self.next += 1;
        let node = Node { name: name.clone(), above: SmallVec::new(), had: SmallVec::new(), seen: false };
        self.ids.insert(name.clone(), self.next);
        self.nodes.insert(self.next, node);
        self.order.push_back(self.next);
        Some(self.next)
    }

    /// The event of a process satisfied the query of a question.
    pub(super) fn note(&mut self, question: usize, known: &Known) {
        for id in &known.own {
            let Some(node) = self.nodes.get_mut(id) else { continue };
            if !node.had.contains(&question) {
                node.had.push(question);
            }
        }
    }

    /// Whether an event is below a process that had an event that satisfied the query of a question. A process is
    /// looked at once, so that a tree that bites its tail comes to an end; a process does not stand above itself.
    pub(super) fn is_below(&self, question: usize, known: &Known) -> bool {
        let mut seen: HashSet<ProcessId, RandomState> = known.own.iter().copied().collect();
        let own = known.own.iter().filter_map(|id| self.nodes.get(id));
        let mut todo: Vec<ProcessId> = known.over.iter().copied().collect();
        todo.extend(own.flat_map(|node| node.above.iter().copied()));
        while let Some(id) = todo.pop() {
            if !seen.insert(id) {
                continue;
            }
            let Some(node) = self.nodes.get(&id) else { continue };
            if node.had.contains(&question) {
                return true;
            }
            todo.extend(node.above.iter().copied());
        }
        false
    }
}
