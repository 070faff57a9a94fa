# links.sh - what a newcomer opens when the township stands: links that sign in once, and one that enrols a phone.
# Sourced; needs say.sh, township.sh and the variables of deploy/up: var, port, county.

# The second line of what the console prints.
qm_link_of() {
    qm_admin "$@" --county "$county" --by C0001 | sed -n 2p
}

# Account and village of the first secretary, and the deputy who prepares what that one confirms.
qm_village_links_show() {
    local accounts=$var/sample/accounts.csv secretary village deputy
    IFS=, read -r secretary village < <(awk -F, '$2 == "secretary" { print $1 "," $5; exit }' "$accounts")
    deputy=$(awk -F, -v v="$village" '$2 == "deputy" && $5 == v { print $1; exit }' "$accounts")
    qm_say "a village's deputy, who prepares the week ($deputy, of $village): $(qm_link_of login code --account "$deputy")"
    qm_say "its secretary, who confirms it ($secretary): $(qm_link_of login code --account "$secretary")"
}

# What a newcomer opens: the office as the township's account and as the county's, one village, a phone as one of
# its workers.
qm_links_show() {
    qm_say "the township's office (A0001 sets its password): $(qm_link_of login code --account A0001)"
    qm_say "the second account, which publishes (A0002): $(qm_link_of login code --account A0002)"
    qm_village_links_show
    qm_say "the county's administrator (C0001: accounts, rule, texts): $(qm_link_of login code --account C0001)"
    qm_say "a worker's phone (W0001, within 24 hours, in this machine's browser): $(qm_link_of code new --account W0001)"
    qm_say "  try it: do three doors there with the browser offline (F12, Network, Offline), go online, and look at the township's board"
    qm_say "a Monday: the deputy prepares and the secretary confirms this week, A0001 freezes it, A0002 publishes it (all under 每周通报, with this week chosen as 时间段: the one before is published); each link signs in once, in a window of its own or after signing out"
    qm_say "the published ranking: http://127.0.0.1:$port/b/$county/$(cat "$var/week/bulletin.index")"
}
