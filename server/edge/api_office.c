/* api_office.c - floor 4: coverage, for holders of a token.
 *
 * Happy path: query -> targets in force -> counter rows -> figures as JSON, with an
 * ETag over the bytes, so that a board that asks again every minute costs a 304.
 * Failure: a query that cannot be understood is 400 with the reason, an area outside the caller's
 * prefix 403; targets that cannot be read are said in the answer and hide no figure.
 */
#include "edge/api_office.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/coverage.h"
#include "edge/area.h"
#include "edge/auth.h"
#include "edge/coverage_json.h"
#include "edge/settings.h"
#include "wire/json.h"
#include "wire/merkle.h"

enum {
    EVERYBODY = QM_ROLE_WORKER | QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY |
                QM_ROLE_TOWNSHIP | QM_ROLE_POLICE | QM_ROLE_INSPECTOR | QM_ROLE_AUDITOR |
                QM_ROLE_ADMIN,
    COVERAGE_MAX_BYTES = 32 << 20
};

static void api_coverage(struct qm_call *c);

const struct qm_route qm_office_routes[] = {
    {"GET", "/v1/coverage", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 2, api_coverage},
};
const size_t qm_office_routes_n = sizeof qm_office_routes / sizeof qm_office_routes[0];

/* ---- coverage ---- */

struct coverage {
    struct qm_call *c;
    char within[16];
    char level[16];
    struct qm_targets targets;
    enum qm_targets_state state;
};

static void coverage_free(void *s)
{
    struct coverage *v = s;
    free(v->targets.list);
    free(v);
}

/* One of the listed tags, weak or not, or any. */
static bool none_match_holds(const char *header, const char *etag)
{
    return header != NULL &&
           (strcmp(header, "*") == 0 || strstr(header, strchr(etag, '"')) != NULL);
}

static void answer_coverage(struct qm_call *c, struct qm_buf *body)
{
    struct qm_hash hash;
    char hex[QM_HEX_HASH_CHARS + 1];
    char etag[40];
    qm_sha256(body->p, body->len, &hash);
    qm_hex_write(hash.b, QM_HASH_BYTES, hex);
    snprintf(etag, sizeof etag, "W/\"%.32s\"", hex); /* weak: the bytes may go out compressed */
    const char *headers[] = {"Cache-Control", "private, no-cache", "ETag", etag, NULL};
    if (none_match_holds(qm_http_header(c->req, "If-None-Match"), etag)) {
        qm_buf_reset(body);
        qm_call_reply(c, 304, NULL, headers, body);
    } else {
        qm_call_reply(c, 200, "application/json", headers, body);
    }
}

static void on_counters(void *ctx, const struct qm_pg_answer *a)
{
    struct coverage *v = ctx;
    struct qm_call *c = v->c;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, COVERAGE_MAX_BYTES);
    qm_err err = qm_coverage_json(a->result, v->level, v->within, &v->targets, v->state, &body);
    if (err == QM_OK)
        answer_coverage(c, &body);
    else
        qm_call_problem(c, QM_E_INTERNAL);
    qm_buf_free(&body);
}

static void on_targets(void *ctx, const struct qm_pg_answer *a)
{
    struct coverage *v = ctx;
    struct qm_call *c = v->c;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    if (qm_pg_rows(a->result) == 1) {
        size_t len = 0;
        const uint8_t *body = qm_pg_get_bytes(a->result, 0, 0, &len);
        qm_err err = qm_targets_read((const char *)body, len, c->caller.county, &v->targets, NULL);
        v->state = err == QM_OK ? QM_TARGETS_OK : QM_TARGETS_FAILED;
    }
    struct qm_coverage_ask ask = {.county = c->caller.county,
                                  .role = c->caller.role_name,
                                  .prefix = c->caller.prefix,
                                  .level = v->level,
                                  .within = v->within};
    qm_err err = qm_coverage_read(c->edge->pg, &ask, on_counters, v);
    if (err != QM_OK)
        qm_call_problem(c, err);
}

static void api_coverage(struct qm_call *c)
{
    struct coverage *v = calloc(1, sizeof *v);
    if (v == NULL) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    v->c = c;
    v->state = QM_TARGETS_NONE;
    c->state = v;
    c->state_free = coverage_free;
    if (!qm_area_within(c, v->within) || !qm_area_level(c, v->within, v->level, sizeof v->level))
        return;
    qm_err err = qm_setting_read(c->edge->pg, c->caller.county, "targets", on_targets, v);
    if (err != QM_OK)
        qm_call_problem(c, err);
}
