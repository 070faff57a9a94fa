-- The fold from events to states, clause by clause of the contract's section 5.  t.home and t.app say a
-- state in words; counters are looked at where a clause is about places, and recounted at the end.
BEGIN;
\ir lib/world.psql
SELECT plan(84);

-- ---------------------------------------------------------------- visits
SELECT t.put('d1', 'a1', 'visit', 'absent', h => 'h1');
SELECT is(t.home('h1'), 'door:absent last:-', 'a visit that met nobody');
SELECT t.put('d1', 'a2', 'visit', 'met', h => 'h1', via => 'phone', at => t.r0() - 3500000);
SELECT is(t.home('h1'), 'reached door:met last:-', 'met by phone: reached, not visited');
SELECT t.put('d1', 'a3', 'visit', 'met', h => 'h1', via => 'video', at => t.r0() - 3000000);
SELECT is(t.home('h1'), 'reached door:met last:-', 'nor by video');
SELECT t.put('d1', 'a4', 'visit', 'refused', h => 'h1', at => t.r0() - 2000000);
SELECT is(t.home('h1'), 'reached door:refused last:-', 'a later refusal takes nothing back');
SELECT is(t.n(t.g(1), 'visited_refused') || ' ' || t.n(t.g(1), 'reached_refused'), '1 0', 'and is a refusal only of what is not there');
SELECT t.put('d1', 'a5', 'visit', 'met', h => 'h1', via => 'carried', at => t.r0() - t.day_ms(20));
SELECT is(t.home('h1'), 'visited reached door:refused last:-', 'a carried visit counts; an older one does not change the door');
SELECT t.put('d1', 'a6', 'visit', 'met', h => 'h2', via => 'paper', police => true);
SELECT is(t.home('h2'), 'visited reached door:met last:-', 'paper as well');
SELECT is(t.n(t.g(1), 'visits') || ' ' || t.n(t.g(1), 'visits_police'), '6 1', 'visits are counted, those with the police too');

-- ---------------------------------------------------------------- latest: min(at, recv), then at, then id
SELECT t.put('d1', 'b1', 'visit', 'gone', h => 'h3', at => t.r0() + t.day_ms(3));
SELECT t.put('d1', 'b2', 'visit', 'absent', h => 'h3', at => t.r0() + 10, recv => t.r0() + 20);
SELECT is(t.home('h3'), 'door:absent last:-', 'a clock three days ahead does not win: its recv counts');
SELECT t.put('d1', 'b3', 'visit', 'vacant', h => 'h3', at => t.r0() + t.day_ms(4), recv => t.r0() + 10);
SELECT is(t.home('h3'), 'door:vacant last:-', 'of equal min(at, recv) the greater at');
SELECT t.put('d1', '00000000-0000-4000-8000-000000000001', 'visit', 'no_entry', h => 'h3', at => t.r0() + 500, recv => t.r0() + 500);
SELECT t.put('d1', 'ffffffff-0000-4000-8000-000000000001', 'visit', 'moved', h => 'h3', at => t.r0() + 500, recv => t.r0() + 500);
SELECT t.put('d1', '7fffffff-0000-4000-8000-000000000001', 'visit', 'none', h => 'h3', at => t.r0() + 500, recv => t.r0() + 500);
SELECT is(t.home('h3'), 'door:moved last:-', 'of equal times the greater id, as bytes');
SELECT t.put('d1', 'b6', 'visit', 'appointed', h => 'h3', at => t.r0() - t.day_ms(29), recv => t.r0() + t.day_ms(9));
SELECT is(t.home('h3'), 'door:moved last:-', 'a visit that comes late and is old changes nothing');

-- ---------------------------------------------------------------- voids
SELECT t.put('d1', 'c1', 'visit', 'met', h => 'h4');
SELECT t.put('d1b', 'c2', 'void', target => 'c1');
SELECT is(t.home('h4'), 'door:- last:-', 'void: by the same account, from any phone of it');
SELECT t.put('d1', 'c3', 'void', target => 'c4');
SELECT t.put('d1', 'c4', 'visit', 'met', h => 'h4');
SELECT is(t.home('h4'), 'door:- last:-', 'it may come before what it voids');
SELECT t.put('d1', 'c5', 'visit', 'met', h => 'h5', g => t.g(2));
SELECT t.put('d2', 'c6', 'void', target => 'c5', g => t.g(2));
SELECT is(t.home('h5'), 'visited reached door:met last:-', 'another account''s void does nothing');
SELECT t.put('d2', 'c7', 'void', target => 'c8', g => t.g(2));
SELECT t.put('d1', 'c8', 'visit', 'absent', h => 'h5', g => t.g(2), at => t.r0());
SELECT is(t.home('h5'), 'visited reached door:absent last:-', 'nor before');
SELECT t.put('d1', 'c9', 'void', target => 'c2');
SELECT is(t.home('h4'), 'door:- last:-', 'a void of a void does nothing');
SELECT is(t.put('d1', 'c10', 'void', target => 'nothing at all'), '', 'nor one of nothing');
SELECT t.batch('d1');
SELECT t.ev('c11', 'void', target => 'c12');
SELECT t.ev('c12', 'visit', 'met', h => 'h4');
SELECT t.ev('c13', 'visit', 'absent', h => 'h4');
SELECT t.ev('c14', 'visit', 'refused', h => 'h4');
SELECT t.ev('c15', 'void', target => 'c14');
SELECT t.go();
SELECT is(t.home('h4'), 'door:absent last:-', 'in the same batch, before and after');
SELECT t.put('d3', 'c16', 'void', target => 'c17', g => t.g(1));
SELECT t.put('d3', 'c17', 'visit', 'met', h => 'h8', g => t.g(1001));
SELECT is(t.home('h8'), 'door:- last:-', 'a held void voids');
SELECT is(t.decide('out', 'c16'), 0, 'a decision on a void');
SELECT is(t.home('h8'), 'door:- last:-', 'changes nothing: it is final');
SELECT is(t.decide('in', 'c17'), 0, 'a decision on a voided event');
SELECT is(t.home('h8'), 'door:- last:-', 'neither');

-- ---------------------------------------------------------------- decisions
SELECT is(t.put('d3', 'd1', 'visit', 'met', h => 'h6', g => t.g(2)), '0 hold scope', 'a held visit');
SELECT is(t.home('h6'), 'door:- last:-', 'counts nothing');
SELECT t.decide('in', 'd1');
SELECT is(t.home('h6') || t.n(t.g(2), 'visited'), 'visited reached door:met last:-2', 'held, then in');
SELECT t.decide('out', 'd1');
SELECT is(t.home('h6') || t.n(t.g(2), 'visited'), 'door:- last:-1', 'then out');
SELECT t.put('d1', 'd2', 'visit', 'met', h => 'h6', g => t.g(2));
SELECT t.decide('out', 'd2');
SELECT is(t.home('h6'), 'door:- last:-', 'accepted, then out');
SELECT t.decide('in', 'd2');
SELECT is(t.home('h6'), 'visited reached door:met last:-', 'then in again');
SELECT t.decide('in', 'd2', 'd1');
SELECT t.decide('out', 'd2');
SELECT is(t.home('h6'), 'visited reached door:met last:-', 'several events of a household, each decided for itself');
SELECT t.put('d3', 'd3', 'household', 'home', h => 'hd', g => t.g(2));
SELECT t.put('d3', 'd4', 'resident', 'found', h => 'hd', r => 'rd', g => t.g(2));
SELECT t.put('d1', 'd5', 'visit', 'met', h => 'hd', g => t.g(2));
SELECT is((SELECT count(*) FROM qm.household WHERE household = t.u('hd')), 0::bigint, 'a held creator');
SELECT is((SELECT status FROM qm.decide(140522, 'A0001', t.r0(), ARRAY[t.u('d4'), t.u('d3')], ARRAY[true, true],
        ARRAY['seen', 'seen'], ARRAY[t.u('d3'), t.u('d4')], ARRAY[NULL, '1980-01-01']::date[],
        ARRAY['\x11', '\x22']::bytea[], ARRAY[NULL, NULL]::bytea[], ARRAY[NULL, NULL]::bytea[], ARRAY['9', NULL])), 0::smallint,
    'that is let in');
SELECT is(t.home('hd'), 'visited reached door:met last:-', 'creates, and earlier events count at once');
SELECT pg_temp.same($$ SELECT h.grid, c.door, c.head, r.home, r.band, rc.name FROM qm.household h JOIN qm.household_card c USING (county, household)
                       JOIN qm.resident r USING (county, household) JOIN qm.resident_card rc USING (county, resident) WHERE household = t.u('hd') $$,
    $$ VALUES (t.g(2), '9', '\x11'::bytea, 1, 2, '\x22'::bytea) $$, 'with what the caller opened from P, whatever the order');
SELECT t.decide('out', 'd3');
SELECT is(t.home('hd'), 'visited reached door:met last:-', 'the row once created is the office''s: an out takes the event, not the row');
SELECT t.put('d1', 'd6', 'household', 'home', h => 'hv');
SELECT t.put('d1', 'd7', 'void', target => 'd6');
SELECT is(t.home('hv'), 'door:- last:-', 'nor does a void');

-- ---------------------------------------------------------------- notices
SELECT t.put('d1', 'n1', 'notice', 'refused', h => 'h1');
SELECT is(t.home('h1'), 'visited reached notice-refused door:refused last:-', 'a notice refused');
SELECT is(t.n(t.g(1), 'notice_refused'), 1::bigint, 'is a refusal while none is delivered');
SELECT t.put('d1', 'n2', 'notice', 'left', h => 'h1');
SELECT is(t.home('h1'), 'visited reached delivered notice-refused door:refused last:-', 'left: delivered, not signed');
SELECT is(t.n(t.g(1), 'notice_refused') || ' ' || t.n(t.g(1), 'notice_delivered') || ' ' || t.n(t.g(1), 'notice_signed'), '0 1 0', 'which counts');
SELECT t.put('d1', 'n3', 'notice', 'signed', h => 'h1', at => t.r0() - t.day_ms(5));
SELECT is(t.home('h1'), 'visited reached delivered signed notice-refused door:refused last:-', 'signed, whenever');

-- ---------------------------------------------------------------- pledges
SELECT t.put('d1', 'p1', 'pledge', 'later', h => 'h2', r => 'r3', at => t.r0() - 900);
SELECT is(t.home('h2') || t.n(t.g(1), 'pledge_later'), 'visited reached door:met last:later1', 'later');
SELECT t.put('d1', 'p2', 'pledge', 'refused', h => 'h2', r => 'r3', at => t.r0() - 800);
SELECT is(t.home('h2') || t.n(t.g(1), 'pledge_refused'), 'visited reached door:met last:refused1', 'refused');
SELECT t.put('d1', 'p3', 'pledge', 'signed', h => 'h2', r => 'r3', at => t.r0() - 1000);
SELECT is(t.home('h2') || t.n(t.g(1), 'pledge_refused'), 'visited reached door:met pledge last:refused0', 'signed before: it stands, a refusal takes nothing back');
SELECT t.put('d1', 'p4', 'pledge', 'withdrawn', h => 'h2', r => 'r3', at => t.r0() - 700);
SELECT is(t.home('h2') || t.n(t.g(1), 'pledge_withdrawn'), 'visited reached door:met last:withdrawn1', 'withdrawn does');
SELECT t.put('d1', 'p5', 'pledge', 'refused', h => 'h2', r => 'r3', at => t.r0() - 600);
SELECT is(t.home('h2'), 'visited reached door:met last:refused', 'refused after a withdrawal');
SELECT t.put('d1', 'p6', 'pledge', 'signed', h => 'h2', r => 'r1', at => t.r0() - 500);
SELECT is(t.home('h2'), 'visited reached door:met pledge last:signed', 'signed anew, by whomever of its residents');
SELECT t.put('d1', 'p7', 'pledge', 'signed', h => 'h2', r => 'r3', at => t.r0() - 750, sha => ARRAY['s1']);
SELECT t.blob('s1');
SELECT is(t.note(), 1, 'the picture of a pledge');
SELECT is(t.home('h2'), 'visited reached door:met pledge last:signed', 'that was withdrawn later proves nothing');
SELECT t.put('d1', 'p8', 'pledge', 'signed', h => 'h2', r => 'r3', at => t.r0() - 650, sha => ARRAY['s1']);
SELECT is(t.home('h2'), 'visited reached door:met pledge (evidenced) last:signed', 'that of one after the last withdrawal does, also if it is not the latest');
SELECT is(t.n(t.g(1), 'pledge_evidenced') || ' ' || t.n(t.g(1), 'visited_evidenced'), '1 1', 'and proves the visit');
SELECT t.put('d1', 'p9', 'void', target => 'p4');
SELECT is(t.home('h2'), 'visited reached door:met pledge (evidenced) last:signed', 'a voided withdrawal never was');

-- ---------------------------------------------------------------- apps
SELECT t.put('d1', 'e1', 'app', 'installed', h => 'h1', r => 'r1', alerts => 7, at => t.r0() - 900);
SELECT is(t.app('r1') || t.n(t.g(1), 'app_all'), 'installed real_name call sms1', 'installed with all');
SELECT t.put('d1', 'e2', 'app', 'installed', h => 'h1', r => 'r1', alerts => 1, na => 2, at => t.r0() - 800);
SELECT is(t.app('r1') || t.n(t.g(1), 'app_all'), 'installed real_name0', 'the latest alone decides; one alert is off');
SELECT t.put('d1', 'e3', 'app', 'installed', h => 'h1', r => 'r1', alerts => 1, na => 6, at => t.r0() - 700);
SELECT is(t.app('r1') || t.n(t.g(1), 'app_all') || t.n(t.g(1), 'app_call_alert'), 'installed real_name10', 'what the phone does not offer is not off, and not on');
SELECT t.put('d1', 'e4', 'app', 'removed', h => 'h1', r => 'r1', at => t.r0() - 750);
SELECT is(t.app('r1'), 'installed real_name', 'an older one changes nothing');
SELECT t.put('d1', 'e5', 'void', target => 'e3');
SELECT is(t.app('r1') || t.n(t.g(1), 'app_removed') || t.n(t.g(1), 'app'), 'removed10', 'a void brings the one before it back');
SELECT t.put('d1', 'e6', 'app', 'installed', h => 'h7', r => 'r1', alerts => 7, g => t.g(1));
SELECT is(t.app('r1') || t.n(t.g(1), 'app'), 'removed0', 'an event counts for the resident, whichever household it names');
SELECT t.decide('in', 'e6');
SELECT is(t.app('r1') || t.n(t.g(1), 'app') || t.n(t.g(3), 'app'), 'removed00', 'by its time');

-- ---------------------------------------------------------------- evidence
SELECT t.put('d1', 'g1', 'notice', 'signed', h => 'h3', sha => ARRAY['e1', 'e2']);
SELECT t.blob('e1');
SELECT is(t.note(), 1, 'one picture of two');
SELECT is(t.home('h3'), 'delivered signed door:moved last:-', 'not wholly there is not evidenced');
SELECT t.blob('e2');
SELECT is(t.home('h3'), 'delivered signed door:moved last:-', 'there and not listed neither');
SELECT t.note();
SELECT is(t.home('h3') || t.n(t.g(1), 'notice_signed_evidenced'), 'delivered (evidenced) signed (evidenced) door:moved last:-1', 'listed later: evidenced');
SELECT is((SELECT status FROM qm.erase(140522, 'A0001', t.r0(), ARRAY[t.u('g1')], '{}')), 0::smallint, 'the pictures are erased');
SELECT is((SELECT sealed FROM qm.blob WHERE sha256 = t.sha('e1')), NULL, '... indeed');
SELECT is(t.home('h3'), 'delivered (evidenced) signed (evidenced) door:moved last:-', 'the level stays');
SELECT t.put('d1', 'g2', 'app', 'installed', h => 'h5', r => 'r6', g => t.g(2), alerts => 1, sha => ARRAY['e1'], at => t.r0() - 90);
SELECT is(t.app('r6') || t.n(t.g(2), 'app_evidenced'), 'installed real_name (evidenced)1', 'a picture that is listed proves a later event at once');
SELECT t.put('d1', 'g3', 'app', 'installed', h => 'h5', r => 'r6', g => t.g(2), alerts => 1, at => t.r0() - 80);
SELECT is(t.app('r6') || t.n(t.g(2), 'app_evidenced'), 'installed real_name0', 'of apps the deciding event itself must be proved');
SELECT t.put('d1', 'g4', 'notice', 'left', h => 'h4', sha => ARRAY['e3']);
SELECT t.put('d1', 'g5', 'notice', 'signed', h => 'h4');
SELECT t.blob('e3');
SELECT t.note();
SELECT is(t.home('h4'), 'delivered (evidenced) signed door:absent last:-', 'delivered with evidence, signed without');
SELECT t.put('d1', 'g6', 'void', target => 'g4');
SELECT is(t.home('h4'), 'delivered signed door:absent last:-', 'the evidence goes with its event');

-- ---------------------------------------------------------------- where an event counts
SELECT t.put('d1', 'm0', 'visit', 'met', h => 'coming');
SELECT t.put('d1', 'm1', 'app', 'installed', h => 'coming', r => 'rcoming', alerts => 1);
SELECT is(t.n(t.g(1), 'app'), 0::bigint, 'events of subjects that are not in the register count nothing');
SELECT t.households(ARRAY['coming'], ARRAY[t.g(2)]);
SELECT t.residents(ARRAY['rcoming'], ARRAY['coming'], ARRAY['1990-01-01']::date[]);
SELECT is(t.home('coming') || t.app('rcoming'), 'visited reached door:met last:-installed real_name', 'until an import brings them');
SELECT is(t.n(t.g(2), 'app'), 2::bigint, 'in the grid of the register, not of the event');
CREATE TEMP TABLE before AS SELECT t.n(t.g(2), 'visited') AS two, t.n(t.g(3), 'visited') AS three;
SELECT is(t.move('coming', t.g(3)), 0, 'a household moves');
SELECT is((SELECT t.n(t.g(2), 'visited') - two || ' ' || t.n(t.g(3), 'visited') - three FROM before), '-1 1', 'its events count in the new grid');
SELECT is(t.n(t.g(3), 'app') || ' ' || t.n(t.g(2), 'app'), '1 1', 'and those of its residents');
SELECT t.put('d1', 'm2', 'notice', 'signed', h => 'h1');
SELECT is(t.merge('h1', 'h8'), 0, 'a household is merged');
SELECT is(t.home('h8'), 'visited reached delivered signed notice-refused door:refused last:-', 'its events count for the one that stands');
SELECT t.put('d1', 'm3', 'pledge', 'signed', h => 'h1', r => 'r1', g => t.g(1001));
SELECT t.decide('in', 'm3');
SELECT is(t.home('h8'), 'visited reached delivered signed notice-refused door:refused pledge last:signed', 'later ones too');
SELECT t.put('d1', 'm4', 'household', 'home', h => 'hsplit');
SELECT is(t.home('hsplit') || '/' || t.home('h3'), 'door:- last:-/delivered (evidenced) signed (evidenced) door:moved last:-', 'a split leaves the events where they are');
SELECT t.put('d1', 'm5', 'visit', 'vacant', h => 'hsplit');
SELECT t.put('d1', 'm6', 'resident', 'died', h => 'h3', r => 'r5');
SELECT is((SELECT h.status || ' ' || r.status FROM qm.household h, qm.resident r WHERE h.household = t.u('hsplit') AND r.resident = t.u('r5')), '1 1',
    'what a worker says of vacancy or death is a proposal');

SELECT is(t.recount(), '', 'counters equal their recount');
\ir lib/model.psql
SELECT is_empty('SELECT * FROM t.model_differences()', 'states and counters are those of the model');
SELECT * FROM finish();
ROLLBACK;
