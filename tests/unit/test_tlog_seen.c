/* test_tlog_seen.c - the file of the largest signed checkpoint: several writers at once, and an old
 * one that comes late; what a power cut leaves, seen by the calls that reach the disk.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "domain/tlog_seen.h"

#define HOST "qm.test.example"
enum { COUNTY = 140522, SIZES = 60, WRITERS = 4 };

static char dir[] = "/tmp/qm-seen-XXXXXX";

/* ---- what reaches the disk ---- */

/* Of the newest name that was put in place: is the folder synced since? */
static bool name_lasts;
static bool folder_fails;

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

int __wrap_fsync(int fd)
{
    struct stat at, folder;
    bool is_folder = fstat(fd, &at) == 0 && stat(dir, &folder) == 0 && at.st_ino == folder.st_ino;
    if (is_folder && folder_fails) {
        errno = EIO;
        return -1;
    }
    if (is_folder)
        name_lasts = true;
    return __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
    name_lasts = false;
    return __real_rename(from, to);
}

/* Its form is that of a signed note; who signed it is not looked at when the file is read. */
static size_t note_of(char out[QM_SEEN_NOTE_MAX_BYTES], const char *origin, int size)
{
    return (size_t)snprintf(
        out, QM_SEEN_NOTE_MAX_BYTES,
        "%s\n%d\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 %s "
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAA=\n",
        origin, size, origin);
}

static int start(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL;
}

static void save(const char *origin, int size)
{
    char note[QM_SEEN_NOTE_MAX_BYTES];
    size_t len = note_of(note, origin, size);
    assert_int_equal(qm_seen_save(dir, COUNTY, note, len), QM_OK);
}

static struct qm_seen load(void)
{
    struct qm_seen seen;
    assert_int_equal(qm_seen_load(dir, HOST, COUNTY, &seen), QM_OK);
    return seen;
}

static void an_older_one_is_not_put_over_a_newer_one(void **state)
{
    (void)state;
    save(HOST "/log/140522", 7);
    save(HOST "/log/140522", 9);
    save(HOST "/log/140522", 8);
    assert_int_equal(load().size, 9);
    save(HOST "/log/140522-2", 4); /* a log that goes on under another name begins anew */
    assert_int_equal(load().size, 4);
    assert_int_equal(load().tree, 2);
}

static void a_saved_one_outlasts_a_power_cut(void **state)
{
    char note[QM_SEEN_NOTE_MAX_BYTES];
    size_t len = note_of(note, HOST "/log/140522-2", 6);
    (void)state;
    name_lasts = false;
    save(HOST "/log/140522-2", 5);
    assert_true(name_lasts);
    folder_fails = true;
    assert_int_equal(qm_seen_save(dir, COUNTY, note, len), QM_E_IO);
    folder_fails = false;
    save(HOST "/log/140522-2", 6); /* tried again, it is no older one and is kept */
    assert_true(name_lasts);
    assert_int_equal(load().size, 6);
}

static void *writer(void *arg)
{
    for (int size = 1; size <= SIZES; size++) {
        char note[QM_SEEN_NOTE_MAX_BYTES];
        size_t len = note_of(note, HOST "/log/140522-3", size * WRITERS - *(int *)arg);
        if (qm_seen_save(dir, COUNTY, note, len) != QM_OK)
            return arg;
    }
    return NULL;
}

static void writers_at_once_leave_the_largest_whole(void **state)
{
    pthread_t thread[WRITERS];
    int which[WRITERS];
    (void)state;
    for (int i = 0; i < WRITERS; i++) {
        which[i] = i;
        assert_int_equal(pthread_create(&thread[i], NULL, writer, &which[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(thread[i], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(load().size, SIZES * WRITERS);
}

static int stop(void **state)
{
    char path[64];
    (void)state;
    snprintf(path, sizeof path, "%s/%d.checkpoint", dir, COUNTY);
    (void)unlink(path);
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_older_one_is_not_put_over_a_newer_one),
        cmocka_unit_test(a_saved_one_outlasts_a_power_cut),
        cmocka_unit_test(writers_at_once_leave_the_largest_whole),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
