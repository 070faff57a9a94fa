/* fuzz_audit.c - the audit of a log whose owner writes what he likes: everything is signed and
 * hashed as it should be, so that hostile bytes come as far as they can.
 *
 * An input is a list of pieces, 0x1E between them; the first byte of each says what it is:
 *   o  an object; hashes of objects are written $0 to $9 later, the root so far $R
 *   e  an entry of the log
 *   b  event lines of one batch of the phone, then 0x1F and the verdict lines
 *   n  keep the note of the log so far, to be held against the whole
 *   f  a file instead of the one that is right; the second byte says which
 * Invariant: the audit ends, with findings or without; the input itself as a kept text, too.
 */
#include <sodium.h>
#include <string.h>

#include "audit/audit.h"
#include "fuzz.h"
#include "madelog.h"
#include "tempdir.h"

enum {
    INPUT_MAX_BYTES = 40000,
    TEXT_MAX_BYTES = 60000,
    VERDICTS_MAX_BYTES = 4096,
    OBJECTS_MAX = 10,
    FILES_MAX = 8,
    ENTRIES_MAX = 200,
    BETWEEN = 0x1E,
    WITHIN = 0x1F
};
static const int64_t monday_ms = INT64_C(1794758400000); /* 2026-11-16 in UTC+8 */

const char *const fuzz_seeds[] = {NULL}; /* files of seeds instead */
size_t fuzz_accepted;

struct piece {
    const uint8_t *p;
    size_t len;
};
struct made {
    struct madelog log;
    struct ml_phone phone;
    char hash[OBJECTS_MAX][QM_HEX_HASH_CHARS + 1];
    size_t hashes, files, entries;
    struct piece file[FILES_MAX];
    struct qm_buf note;
    char text[TEXT_MAX_BYTES];
};

static bool more(struct piece *left, uint8_t end, struct piece *out)
{
    if (left->len == 0)
        return false;
    const uint8_t *at = memchr(left->p, end, left->len);
    size_t len = at == NULL ? left->len : (size_t)(at - left->p);
    size_t taken = at == NULL ? len : len + 1;
    *out = (struct piece){left->p, len};
    left->p += taken;
    left->len -= taken;
    return true;
}

/* With $0 to $9 and $R replaced. */
static size_t expand(struct made *m, struct piece from)
{
    struct qm_hash root;
    size_t n = 0;
    for (size_t i = 0; i < from.len && n + QM_HEX_HASH_CHARS < TEXT_MAX_BYTES; i++) {
        uint8_t name = from.p[i] == '$' && i + 1 < from.len ? from.p[i + 1] : 0;
        if (name >= '0' && (size_t)(name - '0') < m->hashes) {
            memcpy(m->text + n, m->hash[name - '0'], QM_HEX_HASH_CHARS);
            n += QM_HEX_HASH_CHARS;
            i++;
        } else if (name == 'R') {
            ml_root(&m->log, &root);
            qm_b64_write(root.b, QM_HASH_BYTES, m->text + n);
            n += QM_B64_HASH_CHARS;
            i++;
        } else {
            m->text[n++] = (char)from.p[i];
        }
    }
    return n;
}

static void add_batch(struct made *m, struct piece lines)
{
    static struct qm_batch_item items[QM_BATCH_MAX_EVENTS];
    char verdicts[VERDICTS_MAX_BYTES] = "";
    uint8_t id[QM_ID_BYTES];
    struct piece events, line;
    struct qm_buf body;
    size_t n = 0;
    if (!more(&lines, WITHIN, &events))
        return;
    memcpy(verdicts, lines.p, lines.len < sizeof verdicts - 1 ? lines.len : sizeof verdicts - 1);
    while (n < QM_BATCH_MAX_EVENTS && more(&events, '\n', &line)) {
        if (line.len > 0 && memchr(line.p, '\t', line.len) == NULL)
            items[n++] = (struct qm_batch_item){.e = (const char *)line.p, .e_len = line.len};
    }
    ml_event_id(m->phone.batches++, monday_ms, id);
    qm_buf_init(&body, QM_BATCH_MAX_BYTES);
    if (n > 0 && qm_batch_write(ML_HOST, m->phone.id, id, &m->phone.key, qm_sign_with_seed,
                                m->phone.seed, items, n, &body) == QM_OK)
        ml_batch_put(&m->log, &body, monday_ms + 90000 + (int64_t)m->phone.batches, verdicts);
    qm_buf_free(&body);
}

static void add_piece(struct made *m, uint8_t what, struct piece rest)
{
    size_t n = 0;
    if (what == 'o' && m->hashes < OBJECTS_MAX) {
        ml_object(&m->log, rest.p, rest.len, m->hash[m->hashes]);
        m->hashes++;
    } else if (what == 'e' && m->entries++ < ENTRIES_MAX && (n = expand(m, rest)) > 0) {
        ml_entry(&m->log, m->text, n);
    } else if (what == 'b' && m->entries++ < ENTRIES_MAX) {
        add_batch(m, rest);
    } else if (what == 'n' && m->note.len == 0) {
        ml_note(&m->log, &m->note);
    } else if (what == 'f' && m->files < FILES_MAX && rest.len > 0) {
        m->file[m->files++] = rest;
    }
}

static void files_put(struct made *m)
{
    static const char *const names[] = {
        "checkpoint", "tile/entries/000.p/2", "tile/0/000.p/2",  "batch/2",
        "batch/3",    "tile/0/000",           "tile/entries/000"};
    for (size_t i = 0; i < m->files; i++)
        ml_file(&m->log, names[m->file[i].p[0] % (sizeof names / sizeof *names)], m->file[i].p + 1,
                m->file[i].len - 1);
}

static void on_finding(void *ctx, const struct qm_audit_finding *f)
{
    (void)ctx;
    must(strcmp(qm_audit_text(f->code, "zh"), qm_audit_text("no such code", "zh")) != 0,
         "each finding has its words");
}

static void on_bulletin(void *ctx, const struct qm_audit_bulletin *b)
{
    (void)ctx;
    fuzz_accepted += b->computed;
}

static void audit(struct made *m, const char *folder, const uint8_t *data, size_t size)
{
    const struct qm_audit_seen seen[] = {{"input", (const char *)data, size},
                                         {"note", (const char *)m->note.p, m->note.len}};
    struct qm_audit_options o = {.folder = folder,
                                 .spool_folder = "/tmp",
                                 .threads = 1,
                                 .keys = &m->log.key,
                                 .keys_n = 1,
                                 .seen = seen,
                                 .seen_n = m->note.len > 0 ? 2 : 1,
                                 .finding = on_finding,
                                 .bulletin = on_bulletin};
    struct qm_audit_report report;
    qm_err err = qm_audit_run(&o, &report);
    qm_audit_report_free(&report);
    must(err == QM_OK || err == QM_E_NOT_FOUND, "a log's fault is a finding, never an error");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct made m;
    char folder[TEMPDIR_MAX_BYTES];
    struct piece left = {data, size}, one;
    if (size > INPUT_MAX_BYTES || sodium_init() < 0)
        return 0;
    memset(&m, 0, sizeof m);
    tempdir_make("/tmp", folder);
    ml_open(&m.log, folder);
    ml_phone_make(&m.phone, "phone", "W0001");
    ml_enrol(&m.log, &m.phone, 3);
    qm_buf_init(&m.note, QM_ENTRY_MAX_BYTES);
    while (more(&left, BETWEEN, &one)) {
        if (one.len > 1)
            add_piece(&m, one.p[0], (struct piece){one.p + 1, one.len - 1});
    }
    ml_seal(&m.log);
    files_put(&m);
    audit(&m, folder, data, size);
    ml_close(&m.log);
    qm_buf_free(&m.note);
    tempdir_remove(folder);
    return 0;
}
