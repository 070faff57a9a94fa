/* embed.c - build tool: writes a file's bytes as a C array, so that the server carries its
 * description along.  embed INPUT OUTPUT NAME; anything that fails ends with exit code 1.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what)
{
    fprintf(stderr, "embed: %s: %s\n", what, strerror(errno));
    return 1;
}

static long write_bytes(FILE *in, FILE *out)
{
    long n = 0;
    int c;
    while ((c = getc(in)) != EOF)
        fprintf(out, "%d,%s", c, ++n % 24 == 0 ? "\n" : "");
    return n;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: embed INPUT OUTPUT NAME\n");
        return 1;
    }
    FILE *in = fopen(argv[1], "rb");
    if (in == NULL)
        return fail(argv[1]);
    FILE *out = fopen(argv[2], "wb");
    if (out == NULL) {
        fclose(in);
        return fail(argv[2]);
    }
    fprintf(out, "#include <stddef.h>\nextern const unsigned char %s[];\n", argv[3]);
    fprintf(out, "extern const size_t %s_len;\nconst unsigned char %s[] = {\n", argv[3], argv[3]);
    long n = write_bytes(in, out);
    fprintf(out, "0};\nconst size_t %s_len = %ld;\n", argv[3], n);
    int bad = ferror(in) || ferror(out);
    fclose(in);
    return fclose(out) != 0 || bad ? fail(argv[2]) : 0;
}
