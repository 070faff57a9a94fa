/* admin_log.c - floor 5: does the database hold what was signed here, and how a log goes on under a
 * new name when it does not.
 *
 * Happy path: every command that writes asks qm_admin_guard first.  After a restore the database is
 * behind; log continue skips the names that were signed under and begins the next one.
 * Failure modes: a log that holds is left only if its name is given; a state file that cannot be
 * read stops both; all or nothing, in one transaction.
 */
#include <stdio.h>
#include <string.h>

#include "domain/tlog_seen.h"
#include "wiring/admin_console.h"

static int current_tree(struct qm_office *a, int *tree)
{
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, "log_head", qm_office_params(a), &r);
    if (code == QM_OFFICE_OK)
        *tree = (int)qm_pg_get_int(r, 0, 0);
    qm_pgb_result_free(r);
    return code;
}

static int seen_load(struct qm_office *a, struct qm_seen *seen)
{
    qm_err err = qm_seen_load(a->config->state_dir, a->host, a->county, seen);
    if (err == QM_OK)
        return QM_OFFICE_OK;
    return qm_office_fail(a, QM_OFFICE_AWAY,
                          "%s/%06d.checkpoint, the largest checkpoint signed here, cannot be "
                          "read (%s): put it back, or set state_dir",
                          a->config->state_dir, a->county, qm_err_text(err, "en"));
}

/* Is what was signed here still what the database holds? */
static int guard_look(struct qm_office *a, bool *holds)
{
    struct qm_seen seen;
    struct qm_pg_result *r = NULL;
    int code = seen_load(a, &seen);
    *holds = code == QM_OFFICE_OK;
    if (code != QM_OFFICE_OK || seen.tree == 0)
        return code;
    struct qm_pg_params *p = qm_office_params(a);
    qm_pg_int8(p, seen.size);
    code = qm_office_query(a, "log_guard", p, &r);
    if (code != QM_OFFICE_OK)
        return code;
    size_t len = 0;
    const uint8_t *root =
        qm_pg_rows(r) == 1 && !qm_pg_is_null(r, 0, 2) ? qm_pg_get_bytes(r, 0, 2, &len) : NULL;
    int64_t tree = qm_pg_rows(r) == 1 ? qm_pg_get_int(r, 0, 0) : 0;
    *holds = tree > seen.tree || (tree == seen.tree && root && len == QM_HASH_BYTES &&
                                  memcmp(root, seen.root.b, len) == 0);
    qm_pgb_result_free(r);
    return QM_OFFICE_OK;
}

int qm_admin_guard(struct qm_office *a)
{
    bool holds = false;
    int code = guard_look(a, &holds);
    return code != QM_OFFICE_OK || holds
               ? code
               : qm_office_fail(a, QM_OFFICE_REFUSED,
                                "the database is behind what was signed for county %06d: bring "
                                "the newer one back, or run qiaomend admin log continue first",
                                a->county);
}

/* The newest name that this machine signed under.  After a second restore the database may know an
 * older one; a name that was signed under once must never be used for other entries. */
static int newest_signed_tree(struct qm_office *a, int *tree)
{
    struct qm_seen seen;
    int code = seen_load(a, &seen);
    if (code == QM_OFFICE_OK)
        *tree = seen.tree;
    return code;
}

static int skip_trees(struct qm_office *a, int tree)
{
    struct qm_pg_params *p = qm_office_params(a);
    qm_pg_int4(p, tree);
    return qm_office_query(a, "log_tree_set", p, NULL);
}

static int continue_call(struct qm_office *a, const char *old_origin, const struct qm_buf *vkey)
{
    struct qm_pg_params *p = qm_office_params_by(a);
    qm_office_add_text(p, old_origin);
    qm_pg_text(p, (const char *)vkey->p, vkey->len);
    int64_t status = 0;
    struct qm_pg_result *r = NULL;
    int code = qm_office_call(a, "log_continue", p, &status, &r);
    if (code == QM_OFFICE_OK) {
        qm_office_str(a, "log", (const char *)vkey->p);
        qm_office_say(a, "the log goes on behind %s\nnew log key for auditors: %s", old_origin,
                      (const char *)vkey->p);
        qm_office_logged(a, r, 1, 2);
    }
    qm_pgb_result_free(r);
    return code;
}

static int transaction(struct qm_office *a, const char *word)
{
    return qm_pgb_script(a->db, word) == QM_OK
               ? QM_OFFICE_OK
               : qm_office_fail(a, QM_OFFICE_AWAY, "%s: %s", word, qm_pgb_error(a->db));
}

/* To leave a log that holds makes everybody who checks it look twice, for nothing; so that is done
 * only for somebody who names the log. */
static int may_leave(struct qm_office *a, const char *origin)
{
    bool holds = false;
    const char *given = a->option[QM_O_LEAVE];
    int code = guard_look(a, &holds);
    if (code != QM_OFFICE_OK)
        return code;
    if (given != NULL && strcmp(given, origin) != 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "--leave: the log of county %06d is %s; nothing was done", a->county,
                              origin);
    if (!holds || given != NULL)
        return QM_OFFICE_OK;
    return qm_office_fail(a, QM_OFFICE_REFUSED,
                          "the log %s holds: the database is not behind what was signed here, and "
                          "it goes on as it is; nothing was done. If the database was put back and "
                          "the state folder %s does not know what was signed before (another "
                          "machine), say so with --leave %s",
                          origin, a->config->state_dir, origin);
}

static int continue_from(struct qm_office *a, int tree, const char *origin)
{
    int signed_tree = 0;
    struct qm_buf vkey;
    int code = newest_signed_tree(a, &signed_tree);
    if (code != QM_OFFICE_OK)
        return code;
    int from = signed_tree > tree ? signed_tree : tree;
    code = qm_admin_log_vkey(a, from + 1, &vkey);
    if (code == QM_OFFICE_OK)
        code = transaction(a, "BEGIN");
    if (code == QM_OFFICE_OK && from > tree)
        code = skip_trees(a, from);
    if (code == QM_OFFICE_OK)
        code = continue_call(a, origin, &vkey);
    if (code == QM_OFFICE_OK)
        code = transaction(a, "COMMIT");
    qm_buf_free(&vkey);
    return code;
}

int qm_admin_log_continue(struct qm_office *a)
{
    int tree = 0;
    char origin[QM_NAME_MAX_BYTES];
    int code = current_tree(a, &tree);
    if (code != QM_OFFICE_OK)
        return code;
    if (qm_log_origin(a->host, a->county, tree, origin) != QM_OK)
        return qm_office_fail(a, QM_OFFICE_REFUSED, "the log of county %06d has no valid name",
                              a->county);
    code = may_leave(a, origin);
    return code == QM_OFFICE_OK ? continue_from(a, tree, origin) : code;
}
