# The map.  Rooms are folders, except in the root of client-sdk, where they are the first word of a
# file's name: outbox_db.h belongs to outbox.

BEGIN {
    # room: rooms that it may include besides itself
    may["wire"] = ""
    may["outbox"] = "wire keys public"
    may["keys"] = "wire public"
    may["sync"] = "wire public"
    may["transport"] = "wire sync public"
    may["client"] = "wire outbox keys sync transport public"
    may["audit"] = "wire"
    may["cli"] = "wire outbox keys sync transport client audit public"
    may["public"] = ""
    may["base"] = "wire"
    may["drivers"] = "wire base"
    may["domain"] = "wire base drivers"
    may["edge"] = "wire base drivers domain"
    may["wiring"] = "wire base drivers domain edge"

    # Domain files meet in SQL; these calls are the exceptions, and these three are shared by all.
    sideways["ingest tlog"] = sideways["ranking coverage"] = sideways["ranking tlog"] = 1
    sideways["receipts tlog"] = sideways["enrol tlog"] = 1
    shared["answer"] = shared["mask"] = shared["credential"] = 1

    owner["microhttpd.h"] = "^server/drivers/http_(mhd|stream)[.]c$"
    owner["libpq-fe.h"] = "^server/drivers/pg[_.a-z]*$"
    owner["zlib.h"] = "^server/drivers/gzip[.]c$"
    owner["sqlite3.h"] = "^client-sdk/outbox[_.a-z]*$"
    owner["xlsxwriter.h"] = "^server/edge/xlsx[.]c$"
    owner["qrencode.h"] = "^server/edge/qr[.]c$"
    owner["curl/curl.h"] = "^client-sdk/transport_curl[.]c$"
    owner["pthread.h"] = "^(client-sdk/audit/crew|server/base/clock)[.]c$"
    owner["uv.h"] = "^server/(drivers|edge|domain|wiring)/"
    owner["jansson.h"] = "^(client-sdk/wire/(json|event)[_.a-z]*|server/edge/.*)$"
    owner["sodium.h"] = "^(client-sdk/wire/.*|client-sdk/keys[_.a-z]*|server/drivers/seal[.]c|server/(domain|edge)/(auth|session)[_.a-z]*)$"
}

function breach(what) {
    print FILENAME ":" FNR ": " what
}

function first_word(path) {
    sub(/.*\//, "", path)
    sub(/[_.].*/, "", path)
    return path
}

function room_of_include(path) {
    if (path ~ /^qiaomen\//)
        return "public"
    if (path ~ /\//)
        return substr(path, 1, index(path, "/") - 1)
    return first_word(path)
}

function room_of_file(path) {
    if (path ~ /^client-sdk\/include\//)
        return "public"
    sub(/^(client-sdk|server)\//, "", path)
    return room_of_include(path)
}

function check_own(to,    here, there) {
    here = room_of_file(FILENAME)
    there = room_of_include(to)
    if (to ~ /[.][.]\//) {
        breach("\"" to "\" is not written from a root")
        return
    }
    if (!(here in may)) {
        breach("the map has no room \"" here "\"")
        return
    }
    if (here != there && index(" " may[here] " ", " " there " ") == 0)
        breach(here " may not include \"" to "\"")
    else if (here == "domain")
        check_domain(to, there)
}

function check_domain(to, there,    from, word) {
    from = first_word(FILENAME)
    word = first_word(to)
    if (there == "drivers" && word != "pg" && word != "pool" && word != "seal")
        breach("domain knows pg, pool and seal, not \"" to "\"")
    if (there == "domain" && word != from && !(word in shared) && !((from " " word) in sideways))
        breach("domain goes sideways from " from " to \"" to "\"")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, part, "\"")
    check_own(part[2])
}

/^[ \t]*#[ \t]*include[ \t]*</ {
    path = $0
    sub(/^[^<]*</, "", path)
    sub(/>.*/, "", path)
    if (path in owner && FILENAME !~ owner[path])
        breach("<" path "> belongs to another file")
}
