/* api_bulletin.h - floor 4: the ranking's rows of the route table: freezing, preview, publishing
 * and what belongs to it; the outputs (api_bulletin_out.c); sign-offs and figures (api_week.c). */
#ifndef QM_EDGE_API_BULLETIN_H
#define QM_EDGE_API_BULLETIN_H

#include "edge/routes.h"

extern const struct qm_route qm_bulletin_routes[];
extern const size_t qm_bulletin_routes_n;
extern const struct qm_route qm_bulletin_out_routes[];
extern const size_t qm_bulletin_out_routes_n;
extern const struct qm_route qm_week_routes[];
extern const size_t qm_week_routes_n;

/* Roles that read a bulletin of a scope that their area covers; drafts are for the office only.
 * Villages find the published ones of their township in the list, and read their public pages. */
enum {
    QM_BULLETIN_READERS =
        QM_ROLE_TOWNSHIP | QM_ROLE_POLICE | QM_ROLE_INSPECTOR | QM_ROLE_AUDITOR | QM_ROLE_ADMIN,
    QM_BULLETIN_FINDERS = QM_BULLETIN_READERS | QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY
};
bool qm_bulletin_may_see(const struct qm_caller *who, const char *scope, bool published);

#endif
