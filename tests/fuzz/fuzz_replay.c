/* fuzz_replay.c - runs a fuzz target as an ordinary test.
 *
 * Happy path: every case that the target starts from, then changed copies of each (bits, bytes
 * dropped and put in, pieces of other cases), more of those that are good, from one fixed seed.
 * With file names as arguments it runs these files instead, for inputs that a fuzzer has found; a
 * target without cases of its own starts from them.
 * Failure mode: the target aborts, or took no input at all as good. */
#include <sodium.h>
#include <string.h>

#include "fuzz.h"
#include "wire_fixture.h"

enum { CHANGES = 200, CHANGES_OF_GOOD = 4000, INPUT_MAX = 40000, SEEDS_MAX = 2000 };

struct input {
    uint8_t *bytes;
    size_t len;
    bool good;
};

static struct input seeds[SEEDS_MAX];
static size_t seed_count;

static bool wanted(const char *what)
{
    for (size_t i = 0; fuzz_seeds[i] != NULL; i++) {
        if (strcmp(fuzz_seeds[i], what) == 0)
            return true;
    }
    return false;
}

static void add_seed(json_t *item)
{
    json_t *text = json_object_get(item, "text");
    const char *hex = json_string_value(json_object_get(item, "hex"));
    size_t len = hex != NULL ? strlen(hex) / 2 : json_string_length(text);
    if (!wanted(fx_text(item, "what")) || seed_count == SEEDS_MAX || len > INPUT_MAX / 2)
        return;
    struct input *s = &seeds[seed_count++];
    s->len = len;
    s->good = strcmp(fx_text(item, "expect"), "ok") == 0;
    s->bytes = malloc(len + 1);
    must(s->bytes != NULL, "memory for a case");
    if (hex != NULL)
        must(qm_hex_read(hex, strlen(hex), s->bytes, len) == QM_OK, "hexadecimal of a case");
    else
        memcpy(s->bytes, json_string_value(text), len);
}

/* The target gets a block of exactly that length, so that a sanitizer sees reads behind it. */
static void run(const uint8_t *bytes, size_t len)
{
    uint8_t *exact = malloc(len > 0 ? len : 1);
    must(exact != NULL, "memory for an input");
    memcpy(exact, bytes, len);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
}

/* One change at a place chosen; returns the new length. */
static size_t change(uint8_t *b, size_t len, uint64_t *random)
{
    uint64_t r = fx_random(random);
    size_t at = len > 0 ? (size_t)(fx_random(random) % len) : 0;
    const struct input *other = &seeds[fx_random(random) % seed_count];
    size_t n = 1 + (size_t)(fx_random(random) % 64);
    switch (len == 0 || len > INPUT_MAX / 2 ? 0 : r % 6) {
    case 1:
        b[at] = (uint8_t)(b[at] ^ 1U << (r >> 8) % 8);
        return len;
    case 2:
        memmove(b + at, b + at + 1, len - at - 1);
        return len - 1;
    case 3:
        memmove(b + at + 1, b + at, len - at);
        b[at] = (uint8_t)(r >> 8);
        return len + 1;
    case 4:
        b[at] = (uint8_t) "\n\t \"\\{}[],:0159aZ\xE2\x80/+=-"[(r >> 8) % 24];
        return len;
    case 5: /* a piece of another case over this one */
        if (n > other->len)
            n = other->len;
        if (n > len - at)
            n = len - at;
        memcpy(b + at, other->bytes + (other->len - n) / 2, n);
        return len;
    default:
        return len > 0 ? at : 0; /* cut */
    }
}

/* Returns how many. */
static size_t run_changed(const struct input *s, uint64_t *random)
{
    static uint8_t work[INPUT_MAX];
    size_t n = s->good ? CHANGES_OF_GOOD : CHANGES;
    for (size_t i = 0; i < n; i++) {
        size_t len = s->len;
        memcpy(work, s->bytes, len);
        for (uint64_t k = fx_random(random) % 4 + 1; k > 0; k--)
            len = change(work, len, random);
        run(work, len);
    }
    return n;
}

/* Runs a file, or starts from it. */
static int take_file(const char *name, bool seed)
{
    static uint8_t bytes[1 << 20];
    FILE *f = fopen(name, "rb");
    if (f == NULL) {
        perror(name);
        return 1;
    }
    size_t len = fread(bytes, 1, sizeof bytes, f);
    (void)fclose(f);
    if (!seed) {
        run(bytes, len);
        return 0;
    }
    must(seed_count < SEEDS_MAX && len <= INPUT_MAX / 2, "room for a seed");
    struct input *s = &seeds[seed_count++];
    *s = (struct input){.bytes = malloc(len + 1), .len = len};
    must(s->bytes != NULL, "memory for a seed");
    memcpy(s->bytes, bytes, len);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t random = 20260921;
    size_t i = 0, changed = 0;
    json_t *item = NULL, *list = NULL;
    bool from_files = fuzz_seeds[0] == NULL;
    if (sodium_init() < 0)
        return 1;
    for (int a = 1; a < argc; a++) {
        if (take_file(argv[a], from_files) != 0)
            return 1;
    }
    if (argc > 1 && !from_files)
        return 0;
    if (!from_files)
        list = fx_load("negative.json");
    json_array_foreach(list, i, item)
    {
        add_seed(item);
    }
    json_decref(list);
    for (i = 0; i < seed_count; i++)
        run(seeds[i].bytes, seeds[i].len);
    for (i = 0; i < seed_count; i++)
        changed += run_changed(&seeds[i], &random);
    printf("%zu cases, %zu changed, %zu taken as good\n", seed_count, changed, fuzz_accepted);
    for (i = 0; i < seed_count; i++)
        free(seeds[i].bytes);
    return fuzz_accepted > 0 ? 0 : 1;
}
