/* The Merkle tree against the recursive definition of RFC 6962 section 2.1, for every size up to
 * SIZES; every proof with anything changed must fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "wire/merkle.h"

enum { SIZES = 70 };
static struct qm_hash leaf[SIZES];

/* MTH of the RFC, word for word. */
static struct qm_hash naive_root(size_t from, size_t to)
{
    struct qm_hash left, right, out;
    size_t n = to - from, k = 1;
    if (n == 0) {
        crypto_hash_sha256(out.b, (const unsigned char *)"", 0);
        return out;
    }
    if (n == 1)
        return leaf[from];
    while (k * 2 < n)
        k *= 2;
    left = naive_root(from, from + k);
    right = naive_root(from + k, to);
    uint8_t m[65] = {1};
    memcpy(m + 1, left.b, 32);
    memcpy(m + 33, right.b, 32);
    crypto_hash_sha256(out.b, m, sizeof m);
    return out;
}

/* PATH of RFC 6962 section 2.1.1. */
static size_t naive_path(size_t i, size_t from, size_t to, struct qm_hash *out)
{
    size_t n = to - from, k = 1;
    if (n <= 1)
        return 0;
    while (k * 2 < n)
        k *= 2;
    bool left = i < k;
    size_t used = left ? naive_path(i, from, from + k, out) : naive_path(i - k, from + k, to, out);
    out[used] = left ? naive_root(from + k, to) : naive_root(from, from + k);
    return used + 1;
}

/* SUBPROOF of RFC 6962 section 2.1.2. */
static size_t naive_consistency(size_t m, size_t from, size_t to, bool whole, struct qm_hash *out)
{
    size_t n = to - from, k = 1;
    if (m == n) {
        if (!whole)
            out[0] = naive_root(from, to);
        return whole ? 0 : 1;
    }
    while (k * 2 < n)
        k *= 2;
    bool left = m <= k;
    size_t used = left ? naive_consistency(m, from, from + k, whole, out)
                       : naive_consistency(m - k, from + k, to, false, out);
    out[used] = left ? naive_root(from + k, to) : naive_root(from, from + k);
    return used + 1;
}

static int make_leaves(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        uint8_t data = (uint8_t)i;
        qm_leaf_hash(&data, 1, &leaf[i]);
    }
    return 0;
}

static void assert_hash(const struct qm_hash *a, const struct qm_hash *b)
{
    assert_memory_equal(a->b, b->b, QM_HASH_BYTES);
}

static void hashes_have_the_prefixes_of_the_rfc(void **state)
{
    struct qm_hash a, b;
    uint8_t data[4] = {0, 'a', 'b', 'c'};
    (void)state;
    qm_leaf_hash("abc", 3, &a);
    crypto_hash_sha256(b.b, data, sizeof data);
    assert_hash(&a, &b);
    qm_sha256("", 0, &a);
    qm_merkle_root(NULL, 0, &b);
    assert_hash(&a, &b);
    qm_leaf_hash("", 0, &a);
    assert_int_not_equal(memcmp(a.b, b.b, 32), 0);
}

static void roots_and_paths_are_those_of_the_definition(void **state)
{
    (void)state;
    for (size_t n = 1; n <= SIZES; n++) {
        struct qm_hash root, want = naive_root(0, n);
        qm_merkle_root(leaf, n, &root);
        assert_hash(&root, &want);
        for (size_t i = 0; i < n; i++) {
            struct qm_hash path[QM_PROOF_MAX], expected[QM_PROOF_MAX];
            size_t len = qm_merkle_path(leaf, n, i, path);
            assert_int_equal(len, naive_path(i, 0, n, expected));
            assert_memory_equal(path, expected, len * sizeof path[0]);
            assert_int_equal(qm_inclusion_verify(&leaf[i], i, n, path, len, &root), QM_OK);
        }
    }
}

/* Folds what a store of nodes would give. */
static void found_nodes(const struct qm_proof_plan *plan, size_t size, struct qm_hash *found)
{
    for (size_t k = 0; k < plan->nodes; k++) {
        size_t from = (size_t)plan->node[k].index << plan->node[k].level;
        size_t to = from + ((size_t)1 << plan->node[k].level);
        assert_true(to <= size); /* only nodes that are complete, and so stored */
        found[k] = naive_root(from, to);
    }
}

static void plans_from_stored_nodes_give_the_same_proofs(void **state)
{
    (void)state;
    for (size_t n = 1; n <= SIZES; n++) {
        for (size_t i = 0; i < n; i++) {
            struct qm_proof_plan plan;
            struct qm_hash found[128], proof[QM_PROOF_MAX], want[QM_PROOF_MAX];
            assert_int_equal(qm_inclusion_plan(i, n, &plan), QM_OK);
            assert_int_equal(plan.hashes, naive_path(i, 0, n, want));
            found_nodes(&plan, n, found);
            qm_proof_from_nodes(&plan, found, proof);
            assert_memory_equal(proof, want, plan.hashes * sizeof proof[0]);
        }
    }
}

static void consistency_plans_give_proofs_that_hold(void **state)
{
    (void)state;
    for (size_t n = 1; n <= SIZES; n++) {
        struct qm_hash new_root = naive_root(0, n);
        for (size_t m = 1; m <= n; m++) {
            struct qm_proof_plan plan;
            struct qm_hash found[128], proof[QM_PROOF_MAX], want[QM_PROOF_MAX];
            struct qm_hash old_root = naive_root(0, m);
            assert_int_equal(qm_consistency_plan(m, n, &plan), QM_OK);
            assert_int_equal(plan.hashes, naive_consistency(m, 0, n, true, want));
            found_nodes(&plan, n, found);
            qm_proof_from_nodes(&plan, found, proof);
            assert_memory_equal(proof, want, plan.hashes * sizeof proof[0]);
            assert_int_equal(qm_consistency_verify(m, &old_root, n, &new_root, proof, plan.hashes),
                             QM_OK);
        }
    }
}

static void frontiers_give_roots_and_paths_of_appended_leaves(void **state)
{
    (void)state;
    for (size_t old_size = 0; old_size < SIZES; old_size++) {
        struct qm_frontier f = {0};
        struct qm_hash root, want;
        for (size_t i = 0; i < old_size; i++)
            assert_int_equal(qm_frontier_append(&f, &leaf[i]), QM_OK);
        qm_frontier_root(&f, &root);
        want = naive_root(0, old_size);
        assert_hash(&root, &want);
        for (size_t n = 1; old_size + n <= SIZES; n += 1 + n / 8) {
            for (size_t i = 0; i < n; i++) {
                struct qm_hash path[QM_PROOF_MAX], expected[QM_PROOF_MAX];
                size_t len = qm_frontier_path(&f, leaf + old_size, n, i, path);
                assert_int_equal(len, naive_path(old_size + i, 0, old_size + n, expected));
                assert_memory_equal(path, expected, len * sizeof path[0]);
            }
        }
        struct qm_hash none[QM_PROOF_MAX];
        assert_int_equal(qm_frontier_path(&f, leaf, 0, 0, none), 0);
    }
}

static void a_frontier_that_does_not_fit_its_size_is_refused(void **state)
{
    struct qm_frontier f = {.size = 3, .n = 1};
    (void)state;
    assert_int_equal(qm_frontier_append(&f, &leaf[0]), QM_E_INVALID);
    f = (struct qm_frontier){.size = INT64_MAX, .n = 63};
    assert_int_equal(qm_frontier_append(&f, &leaf[0]), QM_E_TOO_LARGE);
}

/* Every bit of leaf, root and proof; every other index, size and length. */
static void altered_inclusion_proofs_fail(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 20; n++) {
        struct qm_hash root = naive_root(0, n);
        for (size_t i = 0; i < n; i++) {
            struct qm_hash p[QM_PROOF_MAX + 1];
            size_t len = naive_path(i, 0, n, p);
            for (size_t k = 0; k <= n + 1; k++) {
                if (k != i)
                    assert_int_equal(qm_inclusion_verify(&leaf[i], k, n, p, len, &root),
                                     QM_E_PROOF);
            }
            for (size_t bit = 0; bit < len * 256; bit++) {
                p[bit / 256].b[bit % 256 / 8] ^= (uint8_t)(1 << bit % 8);
                assert_int_equal(qm_inclusion_verify(&leaf[i], i, n, p, len, &root), QM_E_PROOF);
                p[bit / 256].b[bit % 256 / 8] ^= (uint8_t)(1 << bit % 8);
            }
            if (len > 0)
                assert_int_equal(qm_inclusion_verify(&leaf[i], i, n, p, len - 1, &root),
                                 QM_E_PROOF);
            p[len] = leaf[0];
            assert_int_equal(qm_inclusion_verify(&leaf[i], i, n, p, len + 1, &root), QM_E_PROOF);
            assert_int_equal(qm_inclusion_verify(&leaf[i], i, 0, p, len, &root), QM_E_PROOF);
            assert_int_equal(qm_inclusion_verify(&leaf[i], i, UINT64_C(1) << 63, p, len, &root),
                             QM_E_PROOF);
        }
    }
}

static void altered_consistency_proofs_fail(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 18; n++) {
        struct qm_hash new_root = naive_root(0, n);
        for (size_t m = 1; m <= n; m++) {
            struct qm_hash p[QM_PROOF_MAX + 1], old_root = naive_root(0, m);
            size_t len = naive_consistency(m, 0, n, true, p);
            for (size_t bit = 0; bit < len * 256; bit++) {
                p[bit / 256].b[bit % 256 / 8] ^= (uint8_t)(1 << bit % 8);
                assert_int_equal(qm_consistency_verify(m, &old_root, n, &new_root, p, len),
                                 QM_E_PROOF);
                p[bit / 256].b[bit % 256 / 8] ^= (uint8_t)(1 << bit % 8);
            }
            if (len > 0)
                assert_int_equal(qm_consistency_verify(m, &old_root, n, &new_root, p, len - 1),
                                 QM_E_PROOF);
            p[len] = leaf[0];
            assert_int_equal(qm_consistency_verify(m, &old_root, n, &new_root, p, len + 1),
                             QM_E_PROOF);
            if (m < n) {
                assert_int_equal(qm_consistency_verify(m, &new_root, n, &old_root, p, len),
                                 QM_E_PROOF);
                assert_int_equal(qm_consistency_verify(n, &new_root, m, &old_root, p, len),
                                 QM_E_PROOF);
            }
        }
    }
}

static void consistency_from_nothing_is_refused(void **state)
{
    struct qm_hash empty = naive_root(0, 0), root = naive_root(0, 5);
    struct qm_proof_plan plan;
    (void)state;
    assert_int_equal(qm_consistency_verify(0, &empty, 5, &root, NULL, 0), QM_E_PROOF);
    assert_int_equal(qm_consistency_verify(0, &empty, 0, &empty, NULL, 0), QM_E_PROOF);
    assert_int_equal(qm_consistency_plan(0, 5, &plan), QM_E_INVALID);
    assert_int_equal(qm_consistency_plan(6, 5, &plan), QM_E_INVALID);
    assert_int_equal(qm_inclusion_plan(5, 5, &plan), QM_E_INVALID);
    assert_int_equal(qm_inclusion_plan(0, UINT64_C(1) << 63, &plan), QM_E_INVALID);
}

/* The largest trees: no proof is longer than what callers have room for. */
static void plans_of_the_largest_trees_stay_within_their_room(void **state)
{
    const uint64_t size = INT64_MAX;
    const uint64_t index[] = {0, 1, size / 2, size / 2 + 1, size - 2, size - 1};
    (void)state;
    for (size_t i = 0; i < sizeof index / sizeof index[0]; i++) {
        struct qm_proof_plan plan;
        assert_int_equal(qm_inclusion_plan(index[i], size, &plan), QM_OK);
        assert_true(plan.hashes <= QM_PROOF_MAX);
        assert_true(plan.nodes <= 2 * QM_PROOF_MAX + 2);
        if (qm_consistency_plan(index[i] + 1, size, &plan) == QM_OK) {
            assert_true(plan.hashes <= QM_PROOF_MAX);
            assert_true(plan.nodes <= 2 * QM_PROOF_MAX + 2);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_have_the_prefixes_of_the_rfc),
        cmocka_unit_test(roots_and_paths_are_those_of_the_definition),
        cmocka_unit_test(plans_from_stored_nodes_give_the_same_proofs),
        cmocka_unit_test(consistency_plans_give_proofs_that_hold),
        cmocka_unit_test(frontiers_give_roots_and_paths_of_appended_leaves),
        cmocka_unit_test(a_frontier_that_does_not_fit_its_size_is_refused),
        cmocka_unit_test(altered_inclusion_proofs_fail),
        cmocka_unit_test(altered_consistency_proofs_fail),
        cmocka_unit_test(consistency_from_nothing_is_refused),
        cmocka_unit_test(plans_of_the_largest_trees_stay_within_their_room),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, make_leaves, NULL);
}
