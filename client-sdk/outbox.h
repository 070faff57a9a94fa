/* outbox.h - floor 1: what this device recorded, what became of it, and what the office knows.
 *
 * One SQLite file.  Happy path of a record:
 *   qm_outbox_append      the event is in the file, durable, when the call returns
 *   qm_outbox_next_batch  waiting events get a batch UUID, order, root and signature; from now on
 *                         each call gives the same bytes until the batch is settled or refused
 *   qm_outbox_settle      a receipt that the caller has verified: states of the events, receipt
 * kept qm_outbox_sweep       14 days later P and photos go; E and the receipt stay
 *
 * Durability: WAL with synchronous=FULL.  A commit is one fsync of the WAL, on cheap flash half of
 * what a rollback journal costs, and readers never wait for the writer.
 * P, names, phone numbers, days of birth and photos are sealed (keys.h); E holds no names.
 *
 * Failure modes: QM_E_DISK_FULL and QM_E_IO leave the file as before the call; kill -9 leaves
 * either before or after; QM_E_BUSY after waiting 10 s for another process; QM_E_CORRUPT when the
 * file is damaged or opened with other keys.  qm_outbox_detail says more.
 *
 * Knows SQLite and the wire; knows nothing of HTTP, servers and sync.  The file family outbox*.c is
 * the only one with sqlite3.h.  One thread per handle; any number of handles and processes.
 */
#ifndef QM_OUTBOX_H
#define QM_OUTBOX_H

#include "keys.h"
#include "qiaomen/client.h"
#include "wire/batch.h"
#include "wire/event.h"
#include "wire/receipt.h"

#define QM_KEEP_MS (INT64_C(14) * 24 * 3600 * 1000)

struct qm_outbox;

/* Says whether the file is there already (then a missing seal key is an error). */
bool qm_outbox_exists(const char *path);
/* keys must outlive the handle. */
qm_err qm_outbox_open(const char *path, const struct qm_keys *keys, struct qm_outbox **out);
void qm_outbox_close(struct qm_outbox *o);
const char *qm_outbox_detail(const struct qm_outbox *o);

/* Several calls as one commit.  Calls inside are then not durable before the end. */
qm_err qm_outbox_begin(struct qm_outbox *o);
qm_err qm_outbox_end(struct qm_outbox *o, qm_err so_far); /* commits if QM_OK, else rolls back */

/* Named values.  Absent: *value 0, or an empty text. */
qm_err qm_outbox_get_int(struct qm_outbox *o, const char *name, int64_t *value);
qm_err qm_outbox_set_int(struct qm_outbox *o, const char *name, int64_t value);
qm_err qm_outbox_get_text(struct qm_outbox *o, const char *name, char *out, size_t size);
qm_err qm_outbox_set_text(struct qm_outbox *o, const char *name, const char *value);

/* ---- records ---- */

/* Fills ev->id, seq (last + 1), at_ms (max(now, last + 1)) and p, writes E and P, stores both. A
 * household or resident that the event creates joins the mirror at once, marked local.
 * QM_E_INVALID: ev or pv do not make a valid event. */
qm_err qm_outbox_append(struct qm_outbox *o, struct qm_event *ev, struct qm_private *pv,
                        int64_t now_ms);
qm_err qm_outbox_count(struct qm_outbox *o, struct qm_counts *out);
qm_err qm_outbox_records(struct qm_outbox *o, int state, qm_record_fn fn, void *ctx);

/* ---- batches ---- */

struct qm_outbox_batch {
    int64_t n; /* number in this outbox */
    bool foreign;
    uint32_t events;
    struct qm_buf body; /* of POST /v1/sync; owned: qm_outbox_batch_free */
    size_t note_len;    /* the note is the first bytes of body */
};
struct qm_outbox_device {
    const char *host;
    uint8_t id[QM_ID_BYTES];
    const struct qm_signer *signer;
};
/* QM_E_NOT_FOUND: nothing to send.  A batch formed under an older key is signed anew over the same
 * text.  Own batches come first, then those of other devices. */
qm_err qm_outbox_next_batch(struct qm_outbox *o, const struct qm_outbox_device *d, int64_t now_ms,
                            uint32_t max_events, struct qm_outbox_batch *out);
void qm_outbox_batch_free(struct qm_outbox_batch *b);
/* Forms batches of everything that waits; fn gets each that has no receipt, own ones only. */
qm_err qm_outbox_each_ready(struct qm_outbox *o, const struct qm_outbox_device *d, int64_t now_ms,
                            uint32_t max_events,
                            qm_err (*fn)(void *ctx, const struct qm_outbox_batch *b), void *ctx);
/* A ready batch of another device; already there: *added stays false. */
qm_err qm_outbox_add_foreign(struct qm_outbox *o, const char *host, const void *body, size_t len,
                             bool *added, uint32_t *events);

struct qm_settlement {
    const char *log;     /* origin of the log */
    uint64_t index;      /* of the entry */
    uint64_t tree_size;  /* of the receipt's checkpoint */
    const char *receipt; /* verified */
    size_t receipt_len;
    const struct qm_verdict *verdicts; /* one an event */
};
struct qm_settled {
    uint64_t confirmed, held, rejected, flagged;
};
/* A batch that somebody else settled in between is left alone. */
qm_err qm_outbox_settle(struct qm_outbox *o, int64_t n, const struct qm_settlement *s,
                        int64_t now_ms, struct qm_settled *out);
/* What to do with a batch that the server refused as a whole. */
enum qm_refusal {
    QM_REFUSED_REBUILD, /* the events wait again and join new batches, with new batch UUIDs */
    QM_REFUSED_BYTES    /* one event: it is rejected with `code`; several: each is sent alone */
};
/* A batch of another device cannot be made anew: it is kept, with its code, and not sent again. */
qm_err qm_outbox_refuse(struct qm_outbox *o, int64_t n, enum qm_refusal how, const char *code);
/* Another device from now on: events of unsettled batches wait again. */
qm_err qm_outbox_release_all(struct qm_outbox *o);
/* The log goes on under another origin: what was confirmed under the old one and still has its P
 * waits again, under the same batches; old receipts stay. */
qm_err qm_outbox_resend(struct qm_outbox *o, const char *log);
/* Deletes P and photos whose time is over. */
qm_err qm_outbox_sweep(struct qm_outbox *o, int64_t now_ms);

qm_err qm_outbox_receipts(struct qm_outbox *o, int (*fn)(void *, const struct qm_receipt_view *),
                          void *ctx);
/* Both texts of one event; QM_E_NOT_FOUND without a receipt. */
qm_err qm_outbox_event_receipt(struct qm_outbox *o, const uint8_t event[QM_ID_BYTES],
                               struct qm_buf *batch, struct qm_buf *single);

/* ---- photos ---- */

qm_err qm_outbox_attach(struct qm_outbox *o, const void *bytes, size_t len, int64_t now_ms,
                        struct qm_hash *sha);
/* QM_E_NOT_FOUND: none waits. */
qm_err qm_outbox_next_photo(struct qm_outbox *o, struct qm_hash *sha, struct qm_buf *bytes);
qm_err qm_outbox_photo(struct qm_outbox *o, const struct qm_hash *sha, struct qm_buf *bytes);
/* fault NULL: the server has it. */
qm_err qm_outbox_photo_done(struct qm_outbox *o, const struct qm_hash *sha, const char *fault,
                            int64_t now_ms);
/* Behind the other photos that wait; no effect on one that does not. */
qm_err qm_outbox_photo_later(struct qm_outbox *o, const struct qm_hash *sha);
qm_err qm_outbox_photos(struct qm_outbox *o, int (*fn)(void *, const struct qm_photo_view *),
                        void *ctx);
bool qm_photo_type(const void *bytes, size_t len, const char **content_type);

/* ---- mirror: between qm_outbox_begin and qm_outbox_end ---- */

/* QM_E_BUSY: another process applied an answer since `since` was read; throw this one away. */
qm_err qm_outbox_mirror_start(struct qm_outbox *o, const char *since, bool full);
qm_err qm_outbox_put_household(struct qm_outbox *o, const struct qm_household_view *h);
qm_err qm_outbox_put_resident(struct qm_outbox *o, const struct qm_resident_view *r);
/* A household with all who live in it; a resident alone. */
qm_err qm_outbox_gone(struct qm_outbox *o, const char *household);
qm_err qm_outbox_gone_resident(struct qm_outbox *o, const char *resident);
/* Texts and targets come as whole lists, when they changed: clear before the first row. */
qm_err qm_outbox_clear_texts(struct qm_outbox *o);
qm_err qm_outbox_clear_targets(struct qm_outbox *o);
qm_err qm_outbox_put_text(struct qm_outbox *o, const struct qm_text_view *t);
qm_err qm_outbox_put_target(struct qm_outbox *o, const struct qm_target_view *t);
qm_err qm_outbox_put_want(struct qm_outbox *o, const struct qm_want_view *w);
qm_err qm_outbox_put_verdict(struct qm_outbox *o, const char *event, bool in, const char *code);
qm_err qm_outbox_mirror_done(struct qm_outbox *o, const char *cursor);

qm_err qm_outbox_households(struct qm_outbox *o, const char *grid, qm_household_fn fn, void *ctx);
qm_err qm_outbox_residents(struct qm_outbox *o, const char *household, qm_resident_fn fn,
                           void *ctx);
/* "" if unknown; qm_outbox_grid_of_event: that of a record of this device. */
qm_err qm_outbox_grid_of_event(struct qm_outbox *o, const char *event, char grid[16]);
qm_err qm_outbox_grid_of(struct qm_outbox *o, const char *household, char grid[16]);
/* Newest text of a kind: the greatest version code; "" if none. */
qm_err qm_outbox_newest_text(struct qm_outbox *o, const char *kind, char text[48]);
qm_err qm_outbox_texts(struct qm_outbox *o, int (*fn)(void *, const struct qm_text_view *),
                       void *ctx);
qm_err qm_outbox_targets(struct qm_outbox *o, int (*fn)(void *, const struct qm_target_view *),
                         void *ctx);
qm_err qm_outbox_wants(struct qm_outbox *o, int (*fn)(void *, const struct qm_want_view *),
                       void *ctx);

#endif
