//! One receipt for many entries: that an entry is among them is shown by a path through a tree of hashes.
//!
//! The tree is that of RFC 9162, section 2.1, over SHA-256: leaves and nodes are hashed with different first bytes,
//! and a node that stands alone in its row goes up as it is. Whoever has all leaves finds the path of each; whoever has
//! the receipt's key needs one leaf, its path and the receipt.

use sha2::{Digest, Sha256};

use crate::wire::Bytes;

/// A hash in the tree.
pub type Node = [u8; 32];

/// Bytes of the longest path that is followed: no tree has more than 64 rows.
pub const LONGEST_PATH_BYTES: usize = 64 * 32;

/// That one leaf is among those of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// Its place among the leaves, from 0.
    pub index: u64,
    /// How many leaves there are.
    pub size: u64,
    /// The hashes beside the way from the leaf to the root, 32 bytes each, from below.
    pub path: Bytes,
}

/// The leaf of some content.
pub fn leaf(content: &[u8]) -> Node {
    Sha256::new().chain_update([0]).chain_update(content).finalize().into()
}

fn parent(left: &Node, right: &Node) -> Node {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A tree over leaves.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The leaves first, the root last.
    rows: Vec<Vec<Node>>,
}

impl Tree {
    /// The tree over these leaves; `None` where there are none.
    pub fn over(leaves: Vec<Node>) -> Option<Self> {
        let mut rows = vec![leaves];
        while let Some(row) = rows.last()
            && row.len() > 1
        {
            let pairs = row.chunks(2).map(|pair| match pair {
                [left, right] => parent(left, right),
                alone => alone[0],
            });
            let above = pairs.collect();
            rows.push(above);
        }
        (!rows[0].is_empty()).then_some(Self { rows })
    }

    /// The hash that stands for all leaves.
    pub fn root(&self) -> Node {
        self.rows[self.rows.len() - 1][0]
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.rows[0].len() as u64
    }

    /// That the leaf at this place is among them; `None` where there is no such place.
    pub fn inclusion(&self, index: usize) -> Option<Inclusion> {
        self.rows[0].get(index)?;
        let mut path = Vec::new();
        let mut place = index;
        for row in &self.rows {
            // The last of an odd row has nothing beside it.
            if let Some(beside) = row.get(place ^ 1) {
                path.extend_from_slice(beside);
            }
            place /= 2;
        }
        Some(Inclusion { index: index as u64, size: self.size(), path: path.into() })
    }
}

impl Inclusion {
    /// The root of a tree in which this leaf stands at this place; `None` where the path does not fit the place.
    pub fn root(&self, leaf: Node) -> Option<Node> {
        if self.index >= self.size || self.path.len() > LONGEST_PATH_BYTES {
            return None;
        }
        let (mut place, mut width, mut node) = (self.index, self.size, leaf);
        let (path, []) = self.path.as_chunks::<32>() else { return None };
        let mut path = path.iter();
        while width > 1 {
            if place % 2 == 1 {
                node = parent(path.next()?, &node);
            } else if place + 1 < width {
                node = parent(&node, path.next()?);
            }
            place /= 2;
            width = width.div_ceil(2);
        }
        path.next().is_none().then_some(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u8) -> Vec<Node> {
        (0..count).map(|n| leaf(&[n])).collect()
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_shown_to_be_in_it() {
        for count in 1..=33 {
            let leaves = leaves(count);
            let tree = Tree::over(leaves.clone()).unwrap();
            for (index, leaf) in leaves.iter().enumerate() {
                let inclusion = tree.inclusion(index).unwrap();
                assert_eq!(inclusion.root(*leaf), Some(tree.root()), "{index} of {count}");
                let other = Inclusion { index: (inclusion.index + 1) % inclusion.size, ..inclusion.clone() };
                assert!(count == 1 || other.root(*leaf) != Some(tree.root()), "{index} of {count}");
            }
            assert_eq!(tree.inclusion(leaves.len()), None);
        }
        assert!(Tree::over(Vec::new()).is_none());
    }

    #[test]
    fn root_is_that_of_the_rfc() {
        // The test vectors of Certificate Transparency (RFC 6962's reference implementation), for one leaf and three.
        let tree = Tree::over(vec![leaf(b"")]).unwrap();
        let expected = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert_eq!(hex::encode(tree.root()), expected);
        let tree = Tree::over(vec![leaf(b""), leaf(&[0]), leaf(&[0x10])]).unwrap();
        let expected = "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77";
        assert_eq!(hex::encode(tree.root()), expected);
    }

    #[test]
    fn path_that_does_not_fit_shows_nothing() {
        let leaves = leaves(5);
        let good = Tree::over(leaves.clone()).unwrap().inclusion(1).unwrap();
        let bad = [
            Inclusion { path: good.path[..64].to_vec().into(), ..good.clone() },
            Inclusion { path: good.path[..65].to_vec().into(), ..good.clone() },
            Inclusion { path: [&good.path[..], &[0; 32]].concat().into(), ..good.clone() },
            Inclusion { size: 1, ..good.clone() },
            Inclusion { size: u64::MAX, ..good.clone() },
            Inclusion { index: u64::MAX, size: u64::MAX, path: vec![7; 64 * 32].into() },
            Inclusion { path: vec![7; 65 * 32].into(), ..good },
        ];
        let root = Tree::over(leaves.clone()).unwrap().root();
        for inclusion in bad {
            assert!(inclusion.root(leaves[1]) != Some(root), "{inclusion:?}");
        }
    }
}
