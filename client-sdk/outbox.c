/* outbox.c - floor 1: the file itself: opening, schema, transactions, named values.
 *
 * Happy path: open the file, set WAL and synchronous=FULL, make the schema on the first use, check
 * that the pages are whole and that the seal key is the one the file was made with.
 * Failure modes: a damaged page, a foreign file or another key give QM_E_CORRUPT before anything is
 * read or written; a full disk rolls back.
 */
#include "outbox_db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MS = 10000, SCHEMA_VERSION = 1 };
static const char key_check[] = "qiaomen outbox";

static const char schema[] =
    "CREATE TABLE value(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE batch("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL UNIQUE, note BLOB NOT NULL,"
    " key_id INTEGER NOT NULL, events INTEGER NOT NULL, foreign_ INTEGER NOT NULL,"
    " body BLOB," /* sealed; batches of other devices only */
    " state INTEGER NOT NULL, fault TEXT, settled_ms INTEGER, log TEXT,"
    " swept INTEGER NOT NULL DEFAULT 0);" /* P is gone: cannot be sent again */
    "CREATE INDEX batch_state ON batch(state, n);"
    "CREATE TABLE receipt("
    " batch INTEGER NOT NULL REFERENCES batch, log TEXT NOT NULL, idx INTEGER NOT NULL,"
    " tree_size INTEGER NOT NULL, text BLOB NOT NULL, PRIMARY KEY(batch, log)) WITHOUT ROWID;"
    "CREATE TABLE event("
    " id BLOB PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, at_ms INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, household BLOB, resident BLOB, e BLOB NOT NULL,"
    " p BLOB," /* sealed; NULL: none, or its time is over */
    " alone INTEGER NOT NULL DEFAULT 0, batch INTEGER REFERENCES batch, line INTEGER,"
    " state INTEGER NOT NULL, code TEXT NOT NULL DEFAULT '', idx INTEGER,"
    " decided INTEGER, decided_code TEXT);"
    "CREATE INDEX event_batch ON event(batch, line);"
    "CREATE INDEX event_state ON event(state, seq);"
    "CREATE INDEX event_household ON event(household) WHERE state = 1;"
    "CREATE INDEX event_resident ON event(resident) WHERE state = 1;"
    "CREATE TABLE photo("
    " sha BLOB PRIMARY KEY, sealed BLOB, bytes INTEGER NOT NULL, state INTEGER NOT NULL,"
    " added_ms INTEGER NOT NULL, done_ms INTEGER, fault TEXT NOT NULL DEFAULT '');"
    "CREATE TABLE household("
    " id BLOB PRIMARY KEY, grid TEXT NOT NULL, place TEXT NOT NULL, status TEXT NOT NULL,"
    " grp TEXT NOT NULL, lane TEXT NOT NULL, door TEXT NOT NULL, sealed BLOB NOT NULL,"
    " visited INTEGER NOT NULL, reached INTEGER NOT NULL, notice TEXT NOT NULL,"
    " pledge TEXT NOT NULL, door_state TEXT NOT NULL, local INTEGER NOT NULL);"
    "CREATE TABLE resident("
    " id BLOB PRIMARY KEY, household BLOB NOT NULL, sealed BLOB NOT NULL, status TEXT NOT NULL,"
    " groups TEXT NOT NULL, app TEXT NOT NULL, real_name INTEGER NOT NULL,"
    " call_alert INTEGER NOT NULL, sms_alert INTEGER NOT NULL, local INTEGER NOT NULL);"
    "CREATE INDEX resident_household ON resident(household);"
    "CREATE TABLE text(text TEXT PRIMARY KEY, kind TEXT NOT NULL, basis TEXT NOT NULL,"
    " title TEXT NOT NULL, body TEXT NOT NULL);"
    "CREATE TABLE target(metric TEXT NOT NULL, prefix TEXT NOT NULL, due TEXT NOT NULL,"
    " since TEXT NOT NULL, threshold INTEGER NOT NULL, PRIMARY KEY(metric, prefix, due, since));"
    "CREATE TABLE want(sha BLOB PRIMARY KEY, event TEXT NOT NULL);";

static bool is_full(sqlite3_file *f)
{
    int os = 0;
    if (!f || !f->pMethods || f->pMethods->xFileControl(f, SQLITE_FCNTL_LAST_ERRNO, &os) != 0)
        return false;
    return os == ENOSPC || os == EFBIG || os == EDQUOT;
}

/* A quota and a file-size limit are full disks to our caller, but only a failed write to SQLite. */
static bool no_room(struct qm_outbox *o)
{
    sqlite3_file *file = NULL, *journal = NULL;
    sqlite3_file_control(o->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    sqlite3_file_control(o->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
    return is_full(file) || is_full(journal);
}

qm_err ob_error(struct qm_outbox *o, int rc)
{
    snprintf(o->detail, sizeof o->detail, "outbox: %s", sqlite3_errmsg(o->db));
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return QM_OK;
    case SQLITE_FULL:
        return QM_E_DISK_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return QM_E_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return QM_E_CORRUPT;
    case SQLITE_NOMEM:
        return QM_E_NOMEM;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return no_room(o) ? QM_E_DISK_FULL : QM_E_IO;
    default:
        return QM_E_IO;
    }
}

static int bind_all(sqlite3_stmt *s, const char *bind, va_list args)
{
    int rc = SQLITE_OK;
    for (int i = 1; *bind && rc == SQLITE_OK; bind++, i++) {
        if (*bind == 'i') {
            rc = sqlite3_bind_int64(s, i, va_arg(args, int64_t));
        } else if (*bind == 't') {
            rc = sqlite3_bind_text(s, i, va_arg(args, const char *), -1, SQLITE_TRANSIENT);
        } else if (*bind == 'b') {
            const void *p = va_arg(args, const void *);
            size_t len = va_arg(args, size_t);
            rc = sqlite3_bind_blob64(s, i, p, len, SQLITE_TRANSIENT);
        }
    }
    return rc;
}

static qm_err prepare(struct qm_outbox *o, sqlite3_stmt **s, const char *sql, const char *bind,
                      va_list args)
{
    *s = NULL;
    int rc = sqlite3_prepare_v2(o->db, sql, -1, s, NULL);
    if (rc == SQLITE_OK)
        rc = bind_all(*s, bind, args);
    if (rc == SQLITE_OK)
        return QM_OK;
    qm_err e = ob_error(o, rc);
    sqlite3_finalize(*s);
    *s = NULL;
    return e;
}

qm_err ob_prepare(struct qm_outbox *o, sqlite3_stmt **s, const char *sql, const char *bind, ...)
{
    va_list args;
    va_start(args, bind);
    qm_err e = prepare(o, s, sql, bind, args);
    va_end(args);
    return e;
}

qm_err ob_step(struct qm_outbox *o, sqlite3_stmt *s)
{
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        return QM_OK;
    return rc == SQLITE_DONE ? QM_E_NOT_FOUND : ob_error(o, rc);
}

qm_err ob_run(struct qm_outbox *o, const char *sql, const char *bind, ...)
{
    sqlite3_stmt *s = NULL;
    va_list args;
    va_start(args, bind);
    qm_err e = prepare(o, &s, sql, bind, args);
    va_end(args);
    while (e == QM_OK)
        e = ob_step(o, s);
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

qm_err ob_tx_begin(struct qm_outbox *o)
{
    qm_err e = o->depth > 0 ? QM_OK : ob_run(o, "BEGIN IMMEDIATE", "");
    if (e == QM_OK)
        o->depth++;
    return e;
}

qm_err ob_tx_end(struct qm_outbox *o, qm_err so_far)
{
    if (--o->depth > 0)
        return so_far;
    qm_err e = so_far == QM_OK ? ob_run(o, "COMMIT", "") : so_far;
    if (e != QM_OK && !sqlite3_get_autocommit(o->db)) {
        char kept[sizeof o->detail];
        memcpy(kept, o->detail, sizeof kept);
        ob_run(o, "ROLLBACK", "");
        memcpy(o->detail, kept, sizeof kept);
    }
    return e;
}

qm_err qm_outbox_begin(struct qm_outbox *o)
{
    return ob_tx_begin(o);
}

qm_err qm_outbox_end(struct qm_outbox *o, qm_err so_far)
{
    return ob_tx_end(o, so_far);
}

qm_err ob_text(sqlite3_stmt *s, int col, char *out, size_t size)
{
    const unsigned char *t = sqlite3_column_text(s, col);
    size_t len = (size_t)sqlite3_column_bytes(s, col);
    out[0] = 0;
    if (!t)
        return QM_OK;
    if (len >= size)
        return QM_E_CORRUPT;
    memcpy(out, t, len);
    out[len] = 0;
    return QM_OK;
}

qm_err ob_id(sqlite3_stmt *s, int col, uint8_t id[QM_ID_BYTES])
{
    if (sqlite3_column_bytes(s, col) != QM_ID_BYTES)
        return QM_E_CORRUPT;
    memcpy(id, sqlite3_column_blob(s, col), QM_ID_BYTES);
    return QM_OK;
}

qm_err ob_opened(struct qm_outbox *o, sqlite3_stmt *s, int col, const char *purpose, const void *id,
                 size_t id_len, struct qm_buf *out)
{
    const void *sealed = sqlite3_column_blob(s, col);
    if (!sealed)
        return QM_E_CORRUPT;
    qm_err e = qm_keys_open_sealed(o->keys, purpose, id, id_len, sealed,
                                   (size_t)sqlite3_column_bytes(s, col), out);
    if (e == QM_E_CORRUPT)
        snprintf(o->detail, sizeof o->detail, "outbox: a sealed field (%s) does not open", purpose);
    return e;
}

bool qm_outbox_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && st.st_size > 0;
}

static qm_err make_schema(struct qm_outbox *o)
{
    struct qm_buf sealed;
    qm_buf_init(&sealed, 256);
    qm_err e = qm_keys_seal(o->keys, "check", "", 0, key_check, sizeof key_check, &sealed);
    if (e == QM_OK) {
        int rc = sqlite3_exec(o->db, schema, NULL, NULL, NULL);
        if (rc != SQLITE_OK)
            e = ob_error(o, rc);
    }
    if (e == QM_OK)
        e = ob_run(o, "INSERT INTO value VALUES('key-check', ?)", "b", sealed.p, sealed.len);
    if (e == QM_OK)
        e = ob_run(o, "PRAGMA user_version = 1", "");
    qm_buf_free(&sealed);
    return e;
}

static qm_err one_int(struct qm_outbox *o, const char *sql, int64_t *value)
{
    sqlite3_stmt *s = NULL;
    qm_err e = ob_prepare(o, &s, sql, "");
    if (e == QM_OK)
        e = ob_step(o, s);
    if (e == QM_OK)
        *value = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return e;
}

static qm_err check_key(struct qm_outbox *o)
{
    sqlite3_stmt *s = NULL;
    struct qm_buf plain;
    qm_buf_init(&plain, 256);
    qm_err e = ob_prepare(o, &s, "SELECT value FROM value WHERE name = 'key-check'", "");
    if (e == QM_OK)
        e = ob_step(o, s);
    if (e == QM_OK)
        e = ob_opened(o, s, 0, "check", "", 0, &plain);
    if (e == QM_OK && (plain.len != sizeof key_check || memcmp(plain.p, key_check, plain.len) != 0))
        e = QM_E_CORRUPT;
    if (e == QM_E_NOT_FOUND || e == QM_E_CORRUPT) {
        e = QM_E_CORRUPT;
        snprintf(o->detail, sizeof o->detail, "outbox: made with another key, or damaged");
    }
    sqlite3_finalize(s);
    qm_buf_free(&plain);
    return e;
}

static qm_err check_pages(struct qm_outbox *o)
{
    sqlite3_stmt *s = NULL;
    qm_err e = ob_prepare(o, &s, "PRAGMA quick_check(1)", "");
    if (e == QM_OK)
        e = ob_step(o, s);
    if (e == QM_OK && strcmp((const char *)sqlite3_column_text(s, 0), "ok") != 0) {
        snprintf(o->detail, sizeof o->detail, "outbox: %s",
                 (const char *)sqlite3_column_text(s, 0));
        e = QM_E_CORRUPT;
    }
    sqlite3_finalize(s);
    return e;
}

static qm_err prepare_file(struct qm_outbox *o)
{
    sqlite3_busy_timeout(o->db, BUSY_MS);
    sqlite3_extended_result_codes(o->db, 1);
    qm_err e = ob_run(o, "PRAGMA journal_mode = WAL", "");
    if (e == QM_OK)
        e = ob_run(o, "PRAGMA synchronous = FULL", "");
    if (e == QM_OK)
        e = ob_run(o, "PRAGMA foreign_keys = ON", "");
    /* Dropped private bytes are overwritten, not only unlinked. */
    if (e == QM_OK)
        e = ob_run(o, "PRAGMA secure_delete = ON", "");
    if (e != QM_OK)
        return e;
    int64_t version = 0;
    e = ob_tx_begin(o);
    if (e != QM_OK)
        return e;
    e = one_int(o, "PRAGMA user_version", &version);
    if (e == QM_OK && version == 0)
        e = make_schema(o);
    else if (e == QM_OK && version != SCHEMA_VERSION) {
        snprintf(o->detail, sizeof o->detail, "outbox: made by another version of this program");
        e = QM_E_CORRUPT;
    }
    e = ob_tx_end(o, e);
    if (e == QM_OK && version != 0)
        e = check_pages(o);
    return e == QM_OK ? check_key(o) : e;
}

qm_err qm_outbox_open(const char *path, const struct qm_keys *keys, struct qm_outbox **out)
{
    *out = NULL;
    struct qm_outbox *o = calloc(1, sizeof *o);
    if (!o)
        return QM_E_NOMEM;
    o->keys = keys;
    /* SQLite gives its side files the mode of the main file: make that one private first. */
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    int rc = sqlite3_open_v2(path, &o->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    qm_err e = rc == SQLITE_OK ? prepare_file(o) : o->db ? ob_error(o, rc) : QM_E_NOMEM;
    /* The handle goes out also with an error, so that its detail can be read. */
    *out = o;
    return e;
}

void qm_outbox_close(struct qm_outbox *o)
{
    if (!o)
        return;
    sqlite3_close(o->db);
    free(o);
}

const char *qm_outbox_detail(const struct qm_outbox *o)
{
    return o ? o->detail : "";
}

static qm_err get_value(struct qm_outbox *o, const char *name, sqlite3_stmt **s)
{
    qm_err e = ob_prepare(o, s, "SELECT value FROM value WHERE name = ?", "t", name);
    return e == QM_OK ? ob_step(o, *s) : e;
}

qm_err qm_outbox_get_int(struct qm_outbox *o, const char *name, int64_t *value)
{
    sqlite3_stmt *s = NULL;
    qm_err e = get_value(o, name, &s);
    *value = e == QM_OK ? sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

qm_err qm_outbox_set_int(struct qm_outbox *o, const char *name, int64_t value)
{
    return ob_run(o, "INSERT OR REPLACE INTO value VALUES(?, ?)", "ti", name, value);
}

qm_err qm_outbox_get_text(struct qm_outbox *o, const char *name, char *out, size_t size)
{
    sqlite3_stmt *s = NULL;
    qm_err e = get_value(o, name, &s);
    out[0] = 0;
    if (e == QM_OK)
        e = ob_text(s, 0, out, size);
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

qm_err qm_outbox_set_text(struct qm_outbox *o, const char *name, const char *value)
{
    return ob_run(o, "INSERT OR REPLACE INTO value VALUES(?, ?)", "tt", name, value);
}
