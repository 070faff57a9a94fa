/* check.c - tests: what must hold on a phone when the week is over; see phone.h.
 *
 * Everything is verified with the bytes that the phone keeps and two public keys: no server.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phone.h"

struct events {
    struct qm_check *sum;
    size_t n, room;
    char (*id)[37]; /* those that are in the log */
    bool no_memory;
};

static int event_collect(void *ctx, const struct qm_record_view *v)
{
    struct events *all = ctx;
    all->sum->records++;
    if (!v->in_log)
        return 0;
    if (all->n == all->room) {
        size_t room = all->room ? all->room * 2 : 256;
        void *more = realloc(all->id, room * sizeof *all->id);
        if (!more) {
            all->no_memory = true;
            return QM_C_NOMEM;
        }
        all->id = more;
        all->room = room;
    }
    memcpy(all->id[all->n++], v->event, sizeof v->event);
    return 0;
}

struct receipts {
    struct qm_check *sum;
    const char *log_key;
};

static int receipt_verify(void *ctx, const struct qm_receipt_view *v)
{
    struct receipts *r = ctx;
    r->sum->receipts++;
    if (qm_verify(r->log_key, v->text, v->bytes) != 0)
        r->sum->receipts_bad++;
    return 0;
}

static void file_write(const char *folder, const char *account, const char *what, const char *text,
                       size_t bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.%s", folder, account, what);
    FILE *f = fopen(path, "w");
    if (!f)
        return;
    fwrite(text, 1, bytes, f);
    fclose(f);
}

static void event_verify(struct qm_phone *p, const char *event, const char *log_key,
                         const char *device_key, const char *folder, struct qm_check *out)
{
    char *batch = NULL, *single = NULL;
    size_t batch_bytes = 0, single_bytes = 0;
    int code =
        qm_client_event_receipt(p->client, event, &batch, &batch_bytes, &single, &single_bytes);
    out->events_verified++;
    if (code != 0 || qm_verify(log_key, batch, batch_bytes) != 0 ||
        qm_verify(device_key, single, single_bytes) != 0 || !strstr(batch, "\nextra ") ||
        qm_verify(log_key, single, single_bytes) == 0)
        out->events_bad++;
    if (code == 0 && folder) {
        file_write(folder, p->account, "batch", batch, batch_bytes);
        file_write(folder, p->account, "event", single, single_bytes);
        file_write(folder, p->account, "device-key", device_key, strlen(device_key));
        file_write(folder, p->account, "log-key", log_key, strlen(log_key));
    }
    qm_client_free(batch);
    qm_client_free(single);
}

static void events_verify(struct qm_phone *p, const char *log_key, const char *folder,
                          struct qm_check *out)
{
    struct events all = {.sum = out};
    char *device_key = NULL;
    int code = qm_client_records(p->client, 0, event_collect, &all);
    if (code == 0)
        code = qm_client_device_key(p->client, &device_key);
    if (code != 0)
        qm_phone_trouble(p, code, "check");
    for (size_t i = 0; i < all.n && code == 0; i++)
        event_verify(p, all.id[i], log_key, device_key, i == 0 ? folder : NULL, out);
    qm_client_free(device_key);
    free(all.id);
}

void qm_phone_check(struct qm_phone *p, const char *folder, struct qm_check *out)
{
    struct qm_counts counts;
    struct qm_client_info *info = calloc(1, sizeof *info);
    int code = info ? qm_client_get_info(p->client, info) : QM_C_NOMEM;
    if (code == 0)
        code = qm_client_count(p->client, &counts);
    if (code != 0) {
        qm_phone_trouble(p, code, "counts");
        free(info);
        return;
    }
    out->waiting += counts.waiting;
    out->confirmed += counts.confirmed;
    out->held += counts.held;
    out->rejected += counts.rejected;
    out->flagged += counts.flagged;
    out->photos_waiting += counts.photos_waiting;
    out->photos_refused += counts.photos_refused;
    if (info->alarm != 0)
        qm_phone_trouble(p, info->alarm, "alarm");
    struct receipts r = {out, info->log_key};
    code = qm_client_receipts(p->client, receipt_verify, &r);
    if (code != 0)
        qm_phone_trouble(p, code, "receipts");
    events_verify(p, info->log_key, folder, out);
    free(info);
}
