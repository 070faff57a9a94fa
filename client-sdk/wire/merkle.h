/* merkle.h - floor 0: the Merkle tree of RFC 6962 section 2.1 / RFC 9162 section 2.1.
 *
 * Leaf hash = SHA-256(0x00 | data), node = SHA-256(0x01 | left | right).
 * Verification refuses what the RFC text alone leaves open: hashes are 32 bytes
 * by type, proof length must be exact, index < size, consistency from 0 is refused.
 * Pure, any thread.
 */
#ifndef QM_WIRE_MERKLE_H
#define QM_WIRE_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "wire/codec.h"

enum { QM_PROOF_MAX = 63 }; /* hashes in a proof; a tree has fewer than 2^63 leaves */

struct qm_hash {
    uint8_t b[QM_HASH_BYTES];
};

void qm_sha256(const void *data, size_t len, struct qm_hash *out);
void qm_leaf_hash(const void *data, size_t len, struct qm_hash *out);
void qm_node_hash(const struct qm_hash *left, const struct qm_hash *right, struct qm_hash *out);

/* Root over n leaf hashes; n = 0 gives SHA-256 of nothing. */
void qm_merkle_root(const struct qm_hash *leaves, size_t n, struct qm_hash *out);
/* Inclusion proof of leaf i among n (i < n); returns the number of hashes written. */
size_t qm_merkle_path(const struct qm_hash *leaves, size_t n, size_t i,
                      struct qm_hash proof[QM_PROOF_MAX]);

/* QM_OK if it holds, QM_E_PROOF if not. */
qm_err qm_inclusion_verify(const struct qm_hash *leaf, uint64_t index, uint64_t size,
                           const struct qm_hash *proof, size_t proof_len,
                           const struct qm_hash *root);
qm_err qm_consistency_verify(uint64_t old_size, const struct qm_hash *old_root, uint64_t new_size,
                             const struct qm_hash *new_root, const struct qm_hash *proof,
                             size_t proof_len);

/* A stored node: the root of the perfect subtree of 2^level leaves that begins at leaf
 * index<<level. */
struct qm_node_at {
    uint8_t level;
    uint64_t index;
};
/* A proof whose hashes are each folded from one or more stored nodes.  The last hash on the right
 * side of a tree that is not perfect is made of several nodes: they are listed left to right, and
 * fold them with node_hash from the right. */
struct qm_proof_plan {
    size_t hashes;                                /* number of hashes in the proof */
    size_t nodes;                                 /* number of stored nodes to read */
    struct qm_node_at node[2 * QM_PROOF_MAX + 2]; /* in the order in which they are used */
    uint8_t nodes_of[QM_PROOF_MAX + 1];           /* how many of them make each hash */
};
qm_err qm_inclusion_plan(uint64_t index, uint64_t size, struct qm_proof_plan *plan);
qm_err qm_consistency_plan(uint64_t old_size, uint64_t new_size, struct qm_proof_plan *plan);
/* found[i] is the hash of plan->node[i]. Writes plan->hashes hashes. */
void qm_proof_from_nodes(const struct qm_proof_plan *plan, const struct qm_hash *found,
                         struct qm_hash proof[QM_PROOF_MAX]);

/* The frontier of a tree: roots of its perfect subtrees, largest (leftmost) first; one per bit of
 * size. */
struct qm_frontier {
    uint64_t size;
    size_t n;
    struct qm_hash h[64];
};
qm_err qm_frontier_append(struct qm_frontier *f, const struct qm_hash *leaf);
void qm_frontier_root(const struct qm_frontier *f, struct qm_hash *root);
/* Inclusion proof in the tree (old frontier + n appended leaves) of the appended leaf i (0 <= i <
 * n). Returns the number of hashes; needs no other state.  O(n + log size) hashes per call. */
size_t qm_frontier_path(const struct qm_frontier *old, const struct qm_hash *appended, size_t n,
                        size_t i, struct qm_hash proof[QM_PROOF_MAX]);

#endif
