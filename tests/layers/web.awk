# The map of the pages: the phone imports nothing of the office, and only shared/api knows the
# server's addresses and asks them.  A test may name them.

function breach(what) {
    print file ":" FNR ": " what
}

file ~ /^server\/web\/phone\// && /(from|import)[ (]*["\047][^"\047]*office/ {
    breach("the phone page imports the office")
}

file !~ /^server\/web\/shared\/api\// && file !~ /[.]test[.]ts$/ {
    if ($0 ~ /["\047`]\/v1\//)
        breach("only shared/api knows addresses of the server")
    if ($0 ~ /(^|[^A-Za-z0-9_.$])(window[.]|self[.])?(fetch|sendBeacon)[(]/ ||
        $0 ~ /(XMLHttpRequest|EventSource|WebSocket)[(]/)
        breach("only shared/api asks the server")
}
