/* audit.c - see audit.h; the way through the room is told in inside.h.
 * Happy path: open, seen, log, records, bulletins, seen again, report.
 * Failure: the first error ends it; everything is closed on the way out.
 */
#include "audit/audit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/inside.h"

enum { NOTE_MAX_BYTES = 16384 };

/* "<host>/log/<county>[-<n>]" of the first key gives host, county and where the log lies. */
static qm_err names_read(struct qm_au *a)
{
    const char *name = a->o->keys[0].name;
    const char *log = strstr(name, "/log/");
    int64_t county = 0;
    struct stat st;
    if (log == NULL || strlen(log) < 11 || qm_dec_read(log + 5, 6, 999999, &county) != QM_OK)
        return QM_E_INVALID;
    (void)snprintf(a->host, sizeof a->host, "%.*s", (int)(log - name), name);
    a->county = (int)county;
    /* The newest tree bears the county's number alone, an older one has its own. */
    for (int plain = 1; plain >= 0; plain--) {
        int n = snprintf(a->log_folder, sizeof a->log_folder, "%s/v1/log/%.*s", a->o->folder,
                         plain != 0 ? 6 : 200, log + 5);
        if (n >= (int)sizeof a->log_folder)
            return QM_E_INVALID;
        if (stat(a->log_folder, &st) == 0 && S_ISDIR(st.st_mode))
            return QM_OK;
    }
    return QM_E_NOT_FOUND;
}

qm_err qm_au_open(struct qm_au *a, const struct qm_audit_options *o, struct qm_audit_report *r)
{
    const char *folder = o->spool_folder;
    memset(a, 0, sizeof *a);
    a->o = o;
    a->report = r;
    a->leaves.fd = a->frontiers.fd = a->signoffs.fd = -1;
    a->ids.fd = a->pictures.fd = a->seqs.fd = a->facts.fd = -1;
    if (folder == NULL)
        folder = getenv("TMPDIR");
    a->spool_folder = folder != NULL && folder[0] != 0 ? folder : "/var/tmp";
    return QM_OK;
}

qm_err qm_au_spools_open(struct qm_au *a, uint64_t entries)
{
    const char *at = a->spool_folder;
    size_t parts = entries > QM_AU_LARGE_ENTRIES ? QM_AU_PARTS_LARGE : QM_AU_PARTS;
    qm_err e = qm_au_file_open(&a->leaves, at, sizeof(struct qm_hash));
    if (e == QM_OK)
        e = qm_au_file_open(&a->frontiers, at, sizeof(struct qm_frontier));
    if (e == QM_OK)
        e = qm_au_file_open(&a->signoffs, at, sizeof(struct qm_au_signoff));
    if (e == QM_OK)
        e = qm_au_spool_open(&a->ids, at, sizeof(struct qm_au_id), parts);
    if (e == QM_OK)
        e = qm_au_spool_open(&a->pictures, at, sizeof(struct qm_au_picture), parts);
    if (e == QM_OK)
        e = qm_au_spool_open(&a->seqs, at, sizeof(struct qm_au_seq), parts);
    if (e == QM_OK)
        e = qm_au_spool_open(&a->facts, at, sizeof(struct qm_au_fact), parts);
    return e;
}

void qm_au_close(struct qm_au *a)
{
    qm_au_file_close(&a->leaves);
    qm_au_file_close(&a->frontiers);
    qm_au_file_close(&a->signoffs);
    qm_au_spool_close(&a->ids);
    qm_au_spool_close(&a->pictures);
    qm_au_spool_close(&a->seqs);
    qm_au_spool_close(&a->facts);
    qm_au_devices_free(a);
    qm_au_office_free(a);
    qm_au_bulletins_free(a);
    free(a->kept);
}

static qm_err run(struct qm_au *a)
{
    qm_err e = names_read(a);
    if (e == QM_OK)
        e = qm_au_seen_read(a);
    if (e == QM_OK)
        e = qm_au_log(a);
    if (e == QM_OK)
        e = qm_au_seen_events(a);
    if (e == QM_OK)
        e = qm_au_judge(a);
    if (e == QM_OK)
        e = qm_au_bulletins(a);
    return e == QM_OK ? qm_au_seen_judge(a) : e;
}

qm_err qm_audit_run(const struct qm_audit_options *o, struct qm_audit_report *out)
{
    memset(out, 0, sizeof *out);
    qm_buf_init(&out->note, NOTE_MAX_BYTES);
    struct qm_au *a = malloc(sizeof *a);
    if (a == NULL)
        return QM_E_NOMEM;
    qm_err e = o->keys_n == 0 || o->finding == NULL ? QM_E_INVALID : qm_au_open(a, o, out);
    if (e == QM_OK) {
        e = run(a);
        qm_au_close(a);
    }
    free(a);
    return e;
}

void qm_audit_report_free(struct qm_audit_report *r)
{
    qm_buf_free(&r->note);
}
