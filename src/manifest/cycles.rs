//! ES modules that import one another.
//!
//! In a cycle a function of a module may be called before the module's own imports have been evaluated. The loader puts
//! what it adds to such a module in front. Only what relative static specifiers say counts: a path as it stands is the
//! file, as Node has it for ES modules.

use std::collections::{BTreeMap, HashMap};

use super::facts::FileFacts;
use crate::{
    analysis::usage::{Request, RequestKind},
    index::Format,
    module_path::ModulePath,
};

/// Sets `in_cycle` on every module that takes part in a cycle.
pub(super) fn mark(files: &mut BTreeMap<ModulePath, FileFacts>) {
    let modules: Vec<&ModulePath> =
        files.iter().filter(|(_, facts)| is_module(facts)).map(|(path, _)| path).collect();
    let numbers: HashMap<&ModulePath, usize> =
        modules.iter().enumerate().map(|(number, &path)| (path, number)).collect();
    let imports: Vec<Vec<usize>> = modules
        .iter()
        .map(|&path| {
            let usage = files.get(path).and_then(|facts| facts.usage.as_deref());
            let requests = usage.map_or(&[][..], |usage| &usage.requests);
            requests.iter().filter_map(|request| numbers.get(&target(path, request)?).copied()).collect()
        })
        .collect();
    let cyclic: Vec<ModulePath> =
        cyclic(&imports).into_iter().map(|number| modules[number].clone()).collect();
    for path in cyclic {
        if let Some(facts) = files.get_mut(&path) {
            facts.record.flags.in_cycle = true;
        }
    }
}

fn is_module(facts: &FileFacts) -> bool {
    matches!(facts.record.format, Format::Module | Format::ModuleTypeScript)
}

fn target(from: &ModulePath, request: &Request) -> Option<ModulePath> {
    let relative = matches!(request.kind, RequestKind::Import | RequestKind::Export)
        && (request.specifier.starts_with("./") || request.specifier.starts_with("../"));
    let path = request.specifier.split(['?', '#']).next()?;
    relative.then(|| from.parent()?.join(path)).flatten()
}

/// The nodes on a cycle, by Tarjan's algorithm for strongly connected components. Without recursion: a chain of imports
/// may be long.
fn cyclic(edges: &[Vec<usize>]) -> Vec<usize> {
    const UNSEEN: usize = usize::MAX;
    let (mut order, mut low) = (vec![UNSEEN; edges.len()], vec![0; edges.len()]);
    let mut on_stack = vec![false; edges.len()];
    let (mut stack, mut path, mut found) = (Vec::new(), Vec::<(usize, usize)>::new(), Vec::new());
    let mut count = 0;
    for start in 0..edges.len() {
        if order[start] == UNSEEN {
            path.push((start, 0));
        }
        while let Some((node, next)) = path.pop() {
            if next == 0 {
                (order[node], low[node]) = (count, count);
                count += 1;
                stack.push(node);
                on_stack[node] = true;
            }
            if let Some(&target) = edges[node].get(next) {
                path.push((node, next + 1));
                if order[target] == UNSEEN {
                    path.push((target, 0));
                } else if on_stack[target] {
                    low[node] = low[node].min(order[target]);
                }
                continue;
            }
            if let Some(&(parent, _)) = path.last() {
                low[parent] = low[parent].min(low[node]);
            }
            if low[node] == order[node] {
                let from = stack.iter().rposition(|&one| one == node).unwrap_or_default();
                let component = stack.split_off(from);
                component.iter().for_each(|&one| on_stack[one] = false);
                if component.len() > 1 || edges[node].contains(&node) {
                    found.extend(component);
                }
            }
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{content::Content, facts};

    #[test]
    fn components_are_found() {
        let table: &[(&[&[usize]], &[usize])] = &[
            (&[], &[]),
            (&[&[1], &[2], &[]], &[]),
            (&[&[0]], &[0]),
            (&[&[1], &[2], &[0], &[0]], &[0, 1, 2]),
            (&[&[1, 1], &[0, 2], &[3], &[2], &[]], &[0, 1, 2, 3]),
            (&[&[1, 2], &[3], &[3], &[]], &[]),
            (&[&[1], &[2, 3], &[1], &[4], &[5], &[3]], &[1, 2, 3, 4, 5]),
        ];
        for (edges, expected) in table {
            let edges: Vec<Vec<usize>> = edges.iter().map(|one| one.to_vec()).collect();
            assert_eq!(cyclic(&edges), *expected, "{edges:?}");
        }
        let chain: Vec<Vec<usize>> = (0..100_000).map(|node| vec![(node + 1) % 100_000]).collect();
        assert_eq!(cyclic(&chain).len(), 100_000);
    }

    #[test]
    fn modules_in_cycles_are_marked() {
        let sources = [
            ("a.mjs", "import './lib/b.mjs?x'"),
            ("lib/b.mjs", "export * from '../c.mjs'; import './missing.mjs'"),
            ("c.mjs", "export { a } from './a.mjs#y'"),
            ("alone.mjs", "import './a.mjs'; import('./alone.mjs')"),
            ("self.mjs", "import * as self from './self.mjs'"),
            ("x.cjs", "require('./y.cjs')"),
            ("y.cjs", "require('./x.cjs')"),
        ];
        let mut files: BTreeMap<ModulePath, FileFacts> = sources
            .into_iter()
            .map(|(path, text)| {
                let path = ModulePath::parse(path).unwrap();
                let facts = facts::facts(&path, &Content::Whole(text.into()), None);
                (path, facts)
            })
            .collect();
        mark(&mut files);
        let marked: Vec<&str> = files
            .iter()
            .filter(|(_, facts)| facts.record.flags.in_cycle)
            .map(|(path, _)| path.as_str())
            .collect();
        assert_eq!(marked, ["a.mjs", "c.mjs", "lib/b.mjs", "self.mjs"]);
    }
}
