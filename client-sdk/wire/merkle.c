/* merkle.c - floor 0: the Merkle tree of RFC 6962 section 2.1 / RFC 9162 section 2.1.
 *
 * Happy path: every hash of a proof is the root of a range of leaves [from, to).  The ranges are
 * found first, by walking from the root down; where their hashes come from (leaves at hand, stored
 * nodes, a frontier) is the only difference between the functions below.
 * Failure modes: an index or size outside the tree, a proof that does not hold.
 */
#include "wire/merkle.h"

#include <sodium.h>
#include <string.h>

void qm_sha256(const void *data, size_t len, struct qm_hash *out)
{
    crypto_hash_sha256(out->b, data, len);
}

void qm_leaf_hash(const void *data, size_t len, struct qm_hash *out)
{
    static const uint8_t prefix = 0;
    crypto_hash_sha256_state s;
    crypto_hash_sha256_init(&s);
    crypto_hash_sha256_update(&s, &prefix, 1);
    crypto_hash_sha256_update(&s, data, len);
    crypto_hash_sha256_final(&s, out->b);
}

void qm_node_hash(const struct qm_hash *left, const struct qm_hash *right, struct qm_hash *out)
{
    uint8_t m[1 + 2 * QM_HASH_BYTES];
    m[0] = 1;
    memcpy(m + 1, left->b, QM_HASH_BYTES);
    memcpy(m + 1 + QM_HASH_BYTES, right->b, QM_HASH_BYTES);
    crypto_hash_sha256(out->b, m, sizeof m);
}

/* ---- frontier ---- */

static void frontier_push(struct qm_frontier *f, const struct qm_hash *leaf)
{
    f->h[f->n++] = *leaf;
    for (uint64_t bits = f->size; bits & 1; bits >>= 1) {
        qm_node_hash(&f->h[f->n - 2], &f->h[f->n - 1], &f->h[f->n - 2]);
        f->n--;
    }
    f->size++;
}

qm_err qm_frontier_append(struct qm_frontier *f, const struct qm_hash *leaf)
{
    if (f->size >= INT64_MAX)
        return QM_E_TOO_LARGE;
    if (f->n != (size_t)__builtin_popcountll(f->size))
        return QM_E_INVALID;
    frontier_push(f, leaf);
    return QM_OK;
}

/* Nodes of perfect subtrees, left to right, folded from the right. */
static void fold(const struct qm_hash *nodes, size_t n, struct qm_hash *out)
{
    struct qm_hash acc = nodes[n - 1];
    for (size_t i = n - 1; i > 0; i--)
        qm_node_hash(&nodes[i - 1], &acc, &acc);
    *out = acc;
}

void qm_frontier_root(const struct qm_frontier *f, struct qm_hash *root)
{
    if (f->n == 0)
        qm_sha256("", 0, root);
    else
        fold(f->h, f->n, root);
}

void qm_merkle_root(const struct qm_hash *leaves, size_t n, struct qm_hash *out)
{
    struct qm_frontier f;
    f.size = 0;
    f.n = 0;
    for (size_t i = 0; i < n; i++)
        frontier_push(&f, &leaves[i]);
    qm_frontier_root(&f, out);
}

/* ---- which ranges make a proof ---- */

struct range {
    uint64_t from, to;
};
struct ranges {
    size_t n;
    struct range r[QM_PROOF_MAX + 1];
};

/* The largest power of two below n, n > 1. */
static uint64_t split_of(uint64_t n)
{
    return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

static void ranges_reverse(struct ranges *a)
{
    for (size_t i = 0; i < a->n / 2; i++) {
        struct range t = a->r[i];
        a->r[i] = a->r[a->n - 1 - i];
        a->r[a->n - 1 - i] = t;
    }
}

/* PATH of RFC 9162 section 2.1.3.1: the siblings on the way down, deepest first. */
static qm_err inclusion_ranges(uint64_t index, uint64_t size, struct ranges *out)
{
    uint64_t from = 0, to = size;
    out->n = 0;
    if (size > INT64_MAX || index >= size)
        return QM_E_INVALID;
    while (to - from > 1) {
        uint64_t middle = from + split_of(to - from);
        if (index < middle) {
            out->r[out->n++] = (struct range){middle, to};
            to = middle;
        } else {
            out->r[out->n++] = (struct range){from, middle};
            from = middle;
        }
    }
    ranges_reverse(out);
    return QM_OK;
}

/* SUBPROOF of RFC 9162 section 2.1.4.1.  The subtree at which the walk ends is left out while it is
 * the whole old tree, which the verifier knows. */
static qm_err consistency_ranges(uint64_t old_size, uint64_t new_size, struct ranges *out)
{
    uint64_t from = 0, to = new_size;
    out->n = 0;
    if (old_size == 0 || old_size > new_size || new_size > INT64_MAX)
        return QM_E_INVALID;
    while (to != old_size) {
        uint64_t middle = from + split_of(to - from);
        if (old_size <= middle) {
            out->r[out->n++] = (struct range){middle, to};
            to = middle;
        } else {
            out->r[out->n++] = (struct range){from, middle};
            from = middle;
        }
    }
    if (from != 0)
        out->r[out->n++] = (struct range){from, to};
    ranges_reverse(out);
    return out->n <= QM_PROOF_MAX ? QM_OK : QM_E_INVALID;
}

size_t qm_merkle_path(const struct qm_hash *leaves, size_t n, size_t i,
                      struct qm_hash proof[QM_PROOF_MAX])
{
    struct ranges a;
    if (inclusion_ranges(i, n, &a) != QM_OK)
        return 0;
    for (size_t k = 0; k < a.n; k++)
        qm_merkle_root(leaves + a.r[k].from, (size_t)(a.r[k].to - a.r[k].from), &proof[k]);
    return a.n;
}

/* ---- from stored nodes ---- */

static void plan_from(const struct ranges *a, struct qm_proof_plan *plan)
{
    plan->hashes = a->n;
    plan->nodes = 0;
    for (size_t k = 0; k < a->n; k++) {
        uint64_t at = a->r[k].from;
        plan->nodes_of[k] = 0;
        while (at < a->r[k].to) {
            int level = 63 - __builtin_clzll(a->r[k].to - at);
            plan->node[plan->nodes++] = (struct qm_node_at){(uint8_t)level, at >> level};
            plan->nodes_of[k]++;
            at += UINT64_C(1) << level;
        }
    }
}

qm_err qm_inclusion_plan(uint64_t index, uint64_t size, struct qm_proof_plan *plan)
{
    struct ranges a;
    qm_err e = inclusion_ranges(index, size, &a);
    if (e == QM_OK)
        plan_from(&a, plan);
    return e;
}

qm_err qm_consistency_plan(uint64_t old_size, uint64_t new_size, struct qm_proof_plan *plan)
{
    struct ranges a;
    qm_err e = consistency_ranges(old_size, new_size, &a);
    if (e == QM_OK)
        plan_from(&a, plan);
    return e;
}

void qm_proof_from_nodes(const struct qm_proof_plan *plan, const struct qm_hash *found,
                         struct qm_hash proof[QM_PROOF_MAX])
{
    for (size_t k = 0; k < plan->hashes; k++) {
        fold(found, plan->nodes_of[k], &proof[k]);
        found += plan->nodes_of[k];
    }
}

/* ---- from a frontier and the leaves behind it ---- */

/* Root of [r.from, r.to) in the tree (old + appended).  Every range of an inclusion path of an
 * appended leaf begins at the start of a frontier node or behind all of them, and one that ends
 * within the old tree is a frontier node. */
static void frontier_range(const struct qm_frontier *old, const struct qm_hash *appended,
                           struct range r, struct qm_hash *out)
{
    struct qm_frontier f;
    uint64_t at = 0;
    f.size = 0;
    f.n = 0;
    for (size_t k = 0; k < old->n && at < r.to; k++) {
        uint64_t left = old->size - at;
        uint64_t width = UINT64_C(1) << (63 - __builtin_clzll(left));
        if (at >= r.from) {
            f.h[f.n++] = old->h[k];
            f.size += width;
        }
        at += width;
    }
    for (uint64_t i = r.from + f.size; i < r.to; i++)
        frontier_push(&f, &appended[i - old->size]);
    qm_frontier_root(&f, out);
}

size_t qm_frontier_path(const struct qm_frontier *old, const struct qm_hash *appended, size_t n,
                        size_t i, struct qm_hash proof[QM_PROOF_MAX])
{
    struct ranges a;
    if (i >= n || inclusion_ranges(old->size + i, old->size + n, &a) != QM_OK)
        return 0;
    for (size_t k = 0; k < a.n; k++)
        frontier_range(old, appended, a.r[k], &proof[k]);
    return a.n;
}

/* ---- verification ---- */

static qm_err same_root(const struct qm_hash *a, const struct qm_hash *b)
{
    return memcmp(a->b, b->b, QM_HASH_BYTES) == 0 ? QM_OK : QM_E_PROOF;
}

/* RFC 9162 section 2.1.3.2. */
qm_err qm_inclusion_verify(const struct qm_hash *leaf, uint64_t index, uint64_t size,
                           const struct qm_hash *proof, size_t proof_len,
                           const struct qm_hash *root)
{
    if (index >= size || size > INT64_MAX || proof_len > QM_PROOF_MAX)
        return QM_E_PROOF;
    uint64_t fn = index, sn = size - 1;
    struct qm_hash r = *leaf;
    for (size_t k = 0; k < proof_len; k++) {
        if (sn == 0)
            return QM_E_PROOF;
        if ((fn & 1) != 0 || fn == sn) {
            qm_node_hash(&proof[k], &r, &r);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            qm_node_hash(&r, &proof[k], &r);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 ? same_root(&r, root) : QM_E_PROOF;
}

/* RFC 9162 section 2.1.4.2. */
qm_err qm_consistency_verify(uint64_t old_size, const struct qm_hash *old_root, uint64_t new_size,
                             const struct qm_hash *new_root, const struct qm_hash *proof,
                             size_t proof_len)
{
    if (old_size == 0 || old_size > new_size || new_size > INT64_MAX || proof_len > QM_PROOF_MAX)
        return QM_E_PROOF;
    if (old_size == new_size)
        return proof_len == 0 ? same_root(old_root, new_root) : QM_E_PROOF;
    uint64_t fn = old_size - 1, sn = new_size - 1;
    while ((fn & 1) != 0) {
        fn >>= 1;
        sn >>= 1;
    }
    size_t k = 0;
    struct qm_hash fr = *old_root;
    if (fn != 0) { /* the old size is no power of two: the proof brings the first node */
        if (proof_len == 0)
            return QM_E_PROOF;
        fr = proof[k++];
    }
    struct qm_hash sr = fr;
    for (; k < proof_len; k++) {
        if (sn == 0)
            return QM_E_PROOF;
        if ((fn & 1) != 0 || fn == sn) {
            qm_node_hash(&proof[k], &fr, &fr);
            qm_node_hash(&proof[k], &sr, &sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            qm_node_hash(&sr, &proof[k], &sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0 || same_root(&fr, old_root) != QM_OK)
        return QM_E_PROOF;
    return same_root(&sr, new_root);
}
