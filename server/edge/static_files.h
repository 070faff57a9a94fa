/* static_files.h - floor 4: the pages in memory; filled by static_files.c, read by static.c. */
#ifndef QM_EDGE_STATIC_FILES_H
#define QM_EDGE_STATIC_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    QM_STATIC_FILE_MAX_BYTES = 16 * 1048576,
    QM_STATIC_ALL_MAX_BYTES = 128 * 1048576,
    QM_STATIC_FILES_MAX = 4000,
    QM_STATIC_APPS_MAX = 8,
    QM_STATIC_PATH_MAX_BYTES = 120
};

enum qm_static_coding { QM_STATIC_PLAIN, QM_STATIC_BR, QM_STATIC_GZ, QM_STATIC_CODINGS };

struct qm_static_form {
    uint8_t *bytes; /* owned; NULL: there is none in this coding */
    size_t len;
    char tag[40]; /* ETag: quoted, other for each coding */
};
struct qm_static_file {
    char path[QM_STATIC_PATH_MAX_BYTES + 1];
    char type[80];
    bool kept; /* its name changes with its content */
    struct qm_static_form form[QM_STATIC_CODINGS];
};
struct qm_static_app {
    char base[32]; /* "/office/" */
    char path[QM_STATIC_PATH_MAX_BYTES + 1];
    const struct qm_static_file *page;
};
struct qm_static {
    struct qm_static_file *file; /* by path */
    size_t files;
    struct qm_static_app app[QM_STATIC_APPS_MAX]; /* the first one is that of "/" */
    size_t apps;
    size_t bytes;
};

const struct qm_static_file *qm_static_file_find(const struct qm_static *s, const char *path);

#endif
