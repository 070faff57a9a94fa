/* test_openapi.c - the description of the API against the route table and against itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/auth.h"
#include "edge/openapi.h"
#include "edge/query_names.h"
#include "edge/routes.h"
#include "wire/err.h"

static int load(void **state)
{
    size_t len = 0;
    const char *text = qm_openapi_json(&len);
    json_error_t e;
    *state = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
    if (*state == NULL)
        fprintf(stderr, "line %d: %s\n", e.line, e.text);
    return *state == NULL ? -1 : 0;
}

static int unload(void **state)
{
    json_decref(*state);
    return 0;
}

/* "{tile...}" of the table is "{tile}" there; methods are in lower case. */
static void as_described(const struct qm_route *r, char *path, char *method)
{
    for (const char *p = r->path; *p != '\0'; p++) {
        if (*p != '.' || strstr(r->path, "...") == NULL || p < strstr(r->path, "..."))
            *path++ = *p;
        else if (p >= strstr(r->path, "...") + 3)
            *path++ = *p;
    }
    *path = '\0';
    for (const char *m = r->method; *m != '\0'; m++)
        *method++ = (char)(*m + 32);
    *method = '\0';
}

static json_t *operation_of(json_t *doc, const struct qm_route *r)
{
    char path[200], method[16];
    as_described(r, path, method);
    json_t *item = json_object_get(json_object_get(doc, "paths"), path);
    json_t *op = json_object_get(item, method);
    if (op == NULL)
        fail_msg("%s %s is not described", r->method, r->path);
    return op;
}

/* The i-th route of the API; pages are no part of it. NULL behind the last. */
static const struct qm_route *api_route_at(size_t i)
{
    const struct qm_route *r;
    for (size_t at = 0; (r = qm_route_at(at)) != NULL; at++)
        if (r->who != QM_WHO_PAGE && i-- == 0)
            return r;
    return NULL;
}

static void every_route_is_described(void **state)
{
    const struct qm_route *r;
    size_t n = 0;
    for (; (r = api_route_at(n)) != NULL; n++)
        assert_non_null(operation_of(*state, r));
    assert_true(n >= 18);
}

/* So that the exemption cannot swallow a route of the API. */
static void pages_are_files_for_everybody(void **state)
{
    (void)state;
    const struct qm_route *r;
    size_t pages = 0;
    for (size_t i = 0; (r = qm_route_at(i)) != NULL; i++) {
        if (r->who != QM_WHO_PAGE)
            continue;
        assert_string_equal(r->method, "GET");
        assert_int_equal(strncmp(r->path, "/v1", 3) == 0, 0);
        assert_int_equal(r->body_max_bytes, 0);
        pages++;
    }
    assert_true(pages > 0);
}

static void every_description_is_a_route(void **state)
{
    const char *path, *method;
    json_t *item, *op;
    size_t described = 0, routes = 0;
    json_object_foreach(json_object_get(*state, "paths"), path, item)
    {
        json_object_foreach(item, method, op)
        {
            bool found = false;
            const struct qm_route *r;
            for (size_t i = 0; (r = api_route_at(i)) != NULL; i++) {
                char p[200], m[16];
                as_described(r, p, m);
                found = found || (strcmp(p, path) == 0 && strcmp(m, method) == 0);
            }
            if (!found)
                fail_msg("%s %s is described, but no route", method, path);
            described++;
        }
    }
    while (api_route_at(routes) != NULL)
        routes++;
    assert_int_equal(described, routes);
}

/* The names that the description gives a route's query, as qm_query_names writes them. */
static void described_names(json_t *doc, json_t *op, char *out, size_t max)
{
    size_t i;
    json_t *p;
    out[0] = '\0';
    json_array_foreach(json_object_get(op, "parameters"), i, p)
    {
        const char *ref = json_string_value(json_object_get(p, "$ref"));
        if (ref != NULL)
            p = json_object_get(json_object_get(json_object_get(doc, "components"), "parameters"),
                                strrchr(ref, '/') + 1);
        if (strcmp(json_string_value(json_object_get(p, "in")), "query") != 0)
            continue;
        size_t used = strlen(out);
        (void)snprintf(out + used, max - used, "%s%s", used > 0 ? " " : "",
                       json_string_value(json_object_get(p, "name")));
    }
}

static void names_of_a_query_are_those_described(void **state)
{
    const struct qm_route *r;
    size_t with_names = 0;
    for (size_t i = 0; (r = api_route_at(i)) != NULL; i++) {
        char wanted[200];
        described_names(*state, operation_of(*state, r), wanted, sizeof wanted);
        if (strcmp(wanted, qm_query_names(r)) != 0)
            fail_msg("%s %s: described \"%s\", taken \"%s\"", r->method, r->path, wanted,
                     qm_query_names(r));
        with_names += wanted[0] != '\0';
    }
    assert_true(with_names > 20);
}

static void a_name_that_no_route_has_is_found(void **state)
{
    (void)state;
    const struct qm_route *r = NULL;
    char name[9] = "";
    assert_int_equal(qm_route_find("GET", "/v1/coverage", &r, NULL, NULL), QM_OK);
    static const char *const known[] = {"", "&", "level=village&within=140522", "within",
                                        "&level="};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!qm_query_known(r, known[i], name, sizeof name))
            fail_msg("\"%s\" is refused for \"%s\"", known[i], name);
    static const struct {
        const char *query, *name;
    } unknown[] = {
        {"levl=1", "levl"},       {"level=grid&x", "x"},          {"leve=1", "leve"},
        {"levels=1", "levels"},   {"Level=1", "Level"},           {"=1", ""},
        {"%6Cevel=1", "?6Cevel"}, {"\"\xE6\n=1", "???"},          {"level within=1", "level?wi"},
        {"a=level", "a"},         {"within_and_more", "within_a"}};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        assert_false(qm_query_known(r, unknown[i].query, name, sizeof name));
        assert_string_equal(name, unknown[i].name);
    }
    /* Links to pages are handed on with names of others. */
    assert_int_equal(qm_route_find("GET", "/b/140522/7", &r, NULL, NULL), QM_OK);
    assert_true(qm_query_known(r, "from=timeline", name, sizeof name));
}

static void who_may_is_what_the_route_asks_for(void **state)
{
    const struct qm_route *r;
    for (size_t i = 0; (r = api_route_at(i)) != NULL; i++) {
        const json_t *security = json_object_get(operation_of(*state, r), "security");
        assert_true(json_is_array(security));
        const json_t *token = json_object_get(json_array_get(security, 0), "token");
        const json_t *device = json_object_get(json_array_get(security, 0), "device");
        assert_int_equal(token != NULL, r->who == QM_WHO_TOKEN);
        assert_int_equal(device != NULL, r->who == QM_WHO_DEVICE);
        unsigned roles = 0;
        for (size_t k = 0; k < json_array_size(token); k++)
            roles |= qm_role_read(json_string_value(json_array_get(token, k)));
        assert_int_equal(roles, r->roles);
    }
}

static void bodies_have_the_media_of_the_route(void **state)
{
    const struct qm_route *r;
    for (size_t i = 0; (r = api_route_at(i)) != NULL; i++) {
        const json_t *body = json_object_get(operation_of(*state, r), "requestBody");
        assert_int_equal(body != NULL, r->body_max_bytes > 0);
        if (r->media != NULL)
            assert_non_null(json_object_get(json_object_get(body, "content"), r->media));
    }
}

/* Each {name} of a path has its parameter. */
static void path_parameters_are_described(void **state)
{
    const char *path;
    json_t *item;
    json_t *shared = json_object_get(json_object_get(*state, "components"), "parameters");
    json_object_foreach(json_object_get(*state, "paths"), path, item)
    {
        json_t *op = json_object_iter_value(json_object_iter(item));
        json_t *params = json_object_get(op, "parameters");
        for (const char *p = strchr(path, '{'); p != NULL; p = strchr(p + 1, '{')) {
            bool found = false;
            for (size_t i = 0; i < json_array_size(params); i++) {
                json_t *x = json_array_get(params, i);
                const char *ref = json_string_value(json_object_get(x, "$ref"));
                if (ref != NULL)
                    x = json_object_get(shared, strrchr(ref, '/') + 1);
                const char *name = json_string_value(json_object_get(x, "name"));
                const char *in = json_string_value(json_object_get(x, "in"));
                assert_non_null(name);
                found = found || (strcmp(in, "path") == 0 && strcspn(p + 1, "}") == strlen(name) &&
                                  strncmp(p + 1, name, strlen(name)) == 0);
            }
            if (!found)
                fail_msg("%s: no parameter for %s", path, p);
        }
    }
}

static void check_references(json_t *doc, json_t *node)
{
    const char *key;
    json_t *value;
    size_t i;
    json_object_foreach(node, key, value)
    {
        if (strcmp(key, "$ref") == 0) {
            char kind[40], name[60];
            assert_int_equal(
                sscanf(json_string_value(value), "#/components/%39[a-z]/%59s", kind, name), 2);
            if (json_object_get(json_object_get(json_object_get(doc, "components"), kind), name) ==
                NULL)
                fail_msg("%s leads nowhere", json_string_value(value));
        }
        check_references(doc, value);
    }
    json_array_foreach(node, i, value) check_references(doc, value);
}

static void references_lead_somewhere(void **state)
{
    check_references(*state, *state);
}

static void objects_are_closed(void **state)
{
    const char *name;
    json_t *schema;
    json_t *schemas = json_object_get(json_object_get(*state, "components"), "schemas");
    json_object_foreach(schemas, name, schema)
    {
        const char *type = json_string_value(json_object_get(schema, "type"));
        if (type == NULL || strcmp(type, "object") != 0)
            continue;
        if (!json_is_false(json_object_get(schema, "additionalProperties")))
            fail_msg("%s is not closed", name);
        size_t i;
        json_t *required;
        json_array_foreach(json_object_get(schema, "required"), i, required)
        {
            if (json_object_get(json_object_get(schema, "properties"),
                                json_string_value(required)) == NULL)
                fail_msg("%s: %s is required and not described", name, json_string_value(required));
        }
    }
}

static void every_problem_type_is_listed(void **state)
{
    json_t *schemas = json_object_get(json_object_get(*state, "components"), "schemas");
    json_t *types = json_object_get(
        json_object_get(json_object_get(json_object_get(schemas, "Problem"), "properties"), "type"),
        "enum");
    size_t expected = 0;
    for (int e = QM_OK + 1; e < QM_E_COUNT_; e++) {
        if (qm_err_http((qm_err)e) == 0)
            continue;
        char type[80];
        bool found = false;
        snprintf(type, sizeof type, "/problems/%s", qm_err_name((qm_err)e));
        for (size_t i = 0; i < json_array_size(types); i++)
            found = found || strcmp(json_string_value(json_array_get(types, i)), type) == 0;
        if (!found)
            fail_msg("%s is not listed", type);
        expected++;
    }
    assert_int_equal(json_array_size(types), expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described),
        cmocka_unit_test(pages_are_files_for_everybody),
        cmocka_unit_test(every_description_is_a_route),
        cmocka_unit_test(names_of_a_query_are_those_described),
        cmocka_unit_test(a_name_that_no_route_has_is_found),
        cmocka_unit_test(who_may_is_what_the_route_asks_for),
        cmocka_unit_test(bodies_have_the_media_of_the_route),
        cmocka_unit_test(path_parameters_are_described),
        cmocka_unit_test(references_lead_somewhere),
        cmocka_unit_test(objects_are_closed),
        cmocka_unit_test(every_problem_type_is_listed),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
