import { LASTING } from '../../../domain/ports/quality-spans.ts';

/**
 * Forward-only steps; each database keeps how many it has taken. A step is never changed once released.
 * Written as SQLite reads it; other engines get it translated (`../postgres-schema.ts`), which a test proves step by step.
 * Rows of assets are kept whole as JSON in `body` beside the columns that are searched or enforced.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE agencies (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE sites (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), domain TEXT NOT NULL, kind TEXT NOT NULL,
    parent_id TEXT, folded TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX sites_agency ON sites(agency_id, id);
  CREATE TABLE site_links (agency_id TEXT NOT NULL, from_id TEXT NOT NULL REFERENCES sites(id), to_id TEXT NOT NULL REFERENCES sites(id),
    kind TEXT NOT NULL, PRIMARY KEY (from_id, to_id, kind));
  CREATE INDEX site_links_to ON site_links(to_id);
  CREATE TABLE points (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), site_id TEXT NOT NULL REFERENCES sites(id),
    domain TEXT NOT NULL, tags TEXT NOT NULL, folded TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX points_agency ON points(agency_id, id);
  CREATE INDEX points_site ON points(site_id);
  CREATE TABLE series (id INTEGER PRIMARY KEY AUTOINCREMENT, agency_id TEXT NOT NULL, point_id TEXT NOT NULL REFERENCES points(id),
    quantity TEXT NOT NULL, UNIQUE (point_id, quantity));
  CREATE TABLE models (id TEXT PRIMARY KEY, agency_id TEXT, version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE devices (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), model_id TEXT NOT NULL REFERENCES models(id),
    state TEXT NOT NULL, created_at INTEGER NOT NULL, folded TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX devices_agency ON devices(agency_id, id);
  CREATE TABLE assignments (id INTEGER PRIMARY KEY AUTOINCREMENT, agency_id TEXT NOT NULL, device_id TEXT NOT NULL REFERENCES devices(id),
    point_id TEXT NOT NULL REFERENCES points(id), from_time INTEGER NOT NULL, to_time INTEGER, recorded_at INTEGER NOT NULL);
  CREATE INDEX assignments_device ON assignments(device_id, from_time);
  CREATE INDEX assignments_point ON assignments(point_id, from_time);
  CREATE TABLE credentials (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL, device_id TEXT NOT NULL REFERENCES devices(id),
    token_sha256 TEXT NOT NULL, topic_filters TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER);
  CREATE INDEX credentials_device ON credentials(device_id);
  CREATE TABLE device_status (id INTEGER PRIMARY KEY AUTOINCREMENT, agency_id TEXT NOT NULL, device_id TEXT NOT NULL, online INTEGER NOT NULL,
    reason TEXT NOT NULL, event_time INTEGER NOT NULL, recorded_at INTEGER NOT NULL);
  CREATE INDEX device_status_device ON device_status(device_id, id);
  CREATE TABLE device_attributes (device_id TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (device_id, name));
  CREATE TABLE activities (id INTEGER PRIMARY KEY AUTOINCREMENT, agency_id TEXT NOT NULL, device_id TEXT NOT NULL, event_time INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX activities_device ON activities(device_id, id);
  CREATE TABLE rules (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), version INTEGER NOT NULL, withdrawn_at INTEGER);
  CREATE TABLE rule_versions (rule_id TEXT NOT NULL REFERENCES rules(id), version INTEGER NOT NULL, agency_id TEXT NOT NULL, recorded_at INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (rule_id, version));
  CREATE TABLE alarms (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL, rule_id TEXT NOT NULL, series INTEGER NOT NULL, point_id TEXT NOT NULL,
    origin TEXT NOT NULL, severity_rank INTEGER NOT NULL, work TEXT NOT NULL, condition TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
    suppressed INTEGER NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX alarms_open ON alarms(ended_at, severity_rank, started_at);
  CREATE INDEX alarms_point ON alarms(point_id, started_at);
  CREATE INDEX alarms_series ON alarms(series, rule_id, started_at);
  CREATE TABLE alarm_transitions (alarm_id TEXT NOT NULL REFERENCES alarms(id), number INTEGER NOT NULL, agency_id TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_at INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (alarm_id, number));
  CREATE TABLE rule_cursor (id INTEGER PRIMARY KEY CHECK (id = 1), cursor INTEGER NOT NULL);
  INSERT INTO rule_cursor VALUES (1, 0);
  CREATE TABLE rule_state (series INTEGER PRIMARY KEY, state BLOB NOT NULL);
  CREATE TABLE quality_spans (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL, series INTEGER NOT NULL, from_time INTEGER NOT NULL, to_time INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL, withdrawn_at INTEGER, body TEXT NOT NULL);
  CREATE INDEX quality_spans_series ON quality_spans(series, from_time);
  CREATE TABLE users (id TEXT PRIMARY KEY, login_name TEXT NOT NULL UNIQUE, password_hash TEXT, created_at INTEGER NOT NULL, disabled_at INTEGER,
    version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE user_roles (user_id TEXT NOT NULL REFERENCES users(id), agency_id TEXT, role TEXT NOT NULL);
  CREATE INDEX user_roles_user ON user_roles(user_id);
  CREATE TABLE sessions (id_sha256 TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), csrf_token TEXT NOT NULL, created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL);
  CREATE TABLE api_keys (id TEXT PRIMARY KEY, agency_id TEXT, secret_sha256 TEXT NOT NULL UNIQUE, expires_at INTEGER, revoked_at INTEGER, body TEXT NOT NULL);
  CREATE TABLE sharing_grants (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL, to_agency_id TEXT, body TEXT NOT NULL);
  CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, agency_id TEXT, at INTEGER NOT NULL, actor_id TEXT, action TEXT NOT NULL,
    target_kind TEXT NOT NULL, target_id TEXT NOT NULL, body TEXT NOT NULL);
  CREATE TABLE notices (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, agency_id TEXT, at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE outbox (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL, created_at INTEGER NOT NULL, delivered_at INTEGER, body TEXT NOT NULL);
  CREATE INDEX outbox_waiting ON outbox(delivered_at, created_at);
  ${['device_status', 'activities', 'rule_versions', 'alarm_transitions', 'audit', 'notices']
    .flatMap((table) =>
      ['UPDATE', 'DELETE'].map(
        (verb) =>
          `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`,
      ),
    )
    .join('\n')}
  `,
  // Ends are recorded too, and what has ended stays as it is: a span of service or a verdict is ended once, and never taken away.
  `
  ALTER TABLE assignments ADD COLUMN end_recorded_at INTEGER;
  CREATE TRIGGER assignments_no_delete BEFORE DELETE ON assignments BEGIN SELECT RAISE(ABORT, 'assignments is append-only'); END;
  CREATE TRIGGER assignments_end_once BEFORE UPDATE ON assignments
    WHEN OLD.to_time IS NOT NULL OR NEW.device_id <> OLD.device_id OR NEW.point_id <> OLD.point_id OR NEW.from_time <> OLD.from_time
      OR NEW.recorded_at <> OLD.recorded_at
    BEGIN SELECT RAISE(ABORT, 'assignments is append-only'); END;
  CREATE TRIGGER quality_spans_no_delete BEFORE DELETE ON quality_spans BEGIN SELECT RAISE(ABORT, 'quality_spans is append-only'); END;
  CREATE TRIGGER quality_spans_withdraw_once BEFORE UPDATE ON quality_spans
    WHEN OLD.withdrawn_at IS NOT NULL OR NEW.body <> OLD.body OR NEW.series <> OLD.series OR NEW.from_time <> OLD.from_time
      OR NEW.to_time <> OLD.to_time OR NEW.recorded_at <> OLD.recorded_at
    BEGIN SELECT RAISE(ABORT, 'quality_spans is append-only'); END;
  CREATE TRIGGER alarms_no_delete BEFORE DELETE ON alarms BEGIN SELECT RAISE(ABORT, 'alarms are kept for ever'); END;
  CREATE TRIGGER rules_no_delete BEFORE DELETE ON rules BEGIN SELECT RAISE(ABORT, 'rules are kept for ever'); END;
  CREATE INDEX audit_agency ON audit(agency_id, id);
  CREATE INDEX audit_target ON audit(target_kind, target_id, id);
  CREATE INDEX assignments_open ON assignments(device_id, point_id) WHERE to_time IS NULL;
  `,
  // Ways in: claim codes, sheets of devices, profiles and certificates. A span of service outlives the device of an import that was taken
  // back, so assignments refer to their device by name alone (SQLite drops a reference only with its table).
  `
  CREATE TABLE assignments_kept (id INTEGER PRIMARY KEY AUTOINCREMENT, agency_id TEXT NOT NULL, device_id TEXT NOT NULL,
    point_id TEXT NOT NULL REFERENCES points(id), from_time INTEGER NOT NULL, to_time INTEGER, recorded_at INTEGER NOT NULL, end_recorded_at INTEGER);
  INSERT INTO assignments_kept SELECT id, agency_id, device_id, point_id, from_time, to_time, recorded_at, end_recorded_at FROM assignments;
  DROP TABLE assignments;
  ALTER TABLE assignments_kept RENAME TO assignments;
  CREATE INDEX assignments_device ON assignments(device_id, from_time);
  CREATE INDEX assignments_point ON assignments(point_id, from_time);
  CREATE INDEX assignments_open ON assignments(device_id, point_id) WHERE to_time IS NULL;
  CREATE TRIGGER assignments_no_delete BEFORE DELETE ON assignments BEGIN SELECT RAISE(ABORT, 'assignments is append-only'); END;
  CREATE TRIGGER assignments_end_once BEFORE UPDATE ON assignments
    WHEN OLD.to_time IS NOT NULL OR NEW.device_id <> OLD.device_id OR NEW.point_id <> OLD.point_id OR NEW.from_time <> OLD.from_time
      OR NEW.recorded_at <> OLD.recorded_at
    BEGIN SELECT RAISE(ABORT, 'assignments is append-only'); END;
  ALTER TABLE credentials ADD COLUMN kind TEXT NOT NULL DEFAULT 'token';
  ALTER TABLE credentials ADD COLUMN authority_id TEXT;
  ALTER TABLE credentials ADD COLUMN subject TEXT;
  CREATE INDEX credentials_authority ON credentials(authority_id) WHERE authority_id IS NOT NULL;
  CREATE TABLE claim_codes (device_id TEXT PRIMARY KEY REFERENCES devices(id), agency_id TEXT NOT NULL, code_sha256 TEXT NOT NULL,
    made_at INTEGER NOT NULL, opens_at INTEGER NOT NULL, closes_at INTEGER NOT NULL, used_at INTEGER, used_by TEXT);
  CREATE TABLE device_imports (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), state TEXT NOT NULL, created_at INTEGER NOT NULL,
    applied_at INTEGER, undone_at INTEGER, body TEXT NOT NULL, sheet TEXT NOT NULL);
  CREATE INDEX device_imports_agency ON device_imports(agency_id, created_at);
  CREATE TABLE provisioning_profiles (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), secret_sha256 TEXT NOT NULL UNIQUE,
    admitted INTEGER NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE certificate_authorities (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), fingerprint_sha256 TEXT NOT NULL UNIQUE,
    admitted INTEGER NOT NULL, revoked_at INTEGER, version INTEGER NOT NULL, body TEXT NOT NULL);
  `,
  // Talking back: commands and wanted configurations.
  `
  CREATE TABLE device_commands (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL, device_id TEXT NOT NULL REFERENCES devices(id), number INTEGER NOT NULL,
    open INTEGER NOT NULL, expires_at INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (device_id, number));
  CREATE INDEX device_commands_open ON device_commands(device_id) WHERE open;
  CREATE INDEX device_commands_expiry ON device_commands(expires_at) WHERE open;
  CREATE TABLE desired_configurations (device_id TEXT NOT NULL REFERENCES devices(id), version INTEGER NOT NULL, agency_id TEXT NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (device_id, version));
  CREATE TRIGGER desired_configurations_no_delete BEFORE DELETE ON desired_configurations BEGIN SELECT RAISE(ABORT, 'desired_configurations is append-only'); END;
  CREATE TRIGGER desired_configurations_no_update BEFORE UPDATE ON desired_configurations BEGIN SELECT RAISE(ABORT, 'desired_configurations is append-only'); END;
  CREATE TABLE reported_configurations (device_id TEXT PRIMARY KEY REFERENCES devices(id), agency_id TEXT NOT NULL, version INTEGER NOT NULL,
    ok INTEGER NOT NULL, error TEXT, at INTEGER NOT NULL);
  `,
  // Signed records of commissioning, and pictures of the work.
  `
  CREATE TABLE commissioning_records (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, agency_id TEXT NOT NULL,
    device_id TEXT NOT NULL, signed_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX commissioning_records_device ON commissioning_records(device_id, number);
  CREATE TABLE device_photos (id TEXT NOT NULL, agency_id TEXT NOT NULL, device_id TEXT NOT NULL, taken_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (device_id, id));
  ${['commissioning_records', 'device_photos']
    .flatMap((table) =>
      ['UPDATE', 'DELETE'].map(
        (verb) =>
          `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`,
      ),
    )
    .join('\n')}
  `,
  // What was refused at the doors that devices open themselves, and what labels were printed.
  `
  CREATE TABLE admission_refusals (door TEXT NOT NULL, code TEXT NOT NULL, agency_id TEXT NOT NULL, refused INTEGER NOT NULL, last_at INTEGER NOT NULL,
    last_device_id TEXT NOT NULL, PRIMARY KEY (door, code));
  CREATE TABLE label_prints (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, agency_id TEXT NOT NULL, printed_at INTEGER NOT NULL,
    body TEXT NOT NULL);
  CREATE INDEX label_prints_agency ON label_prints(agency_id, number);
  CREATE TRIGGER label_prints_no_delete BEFORE DELETE ON label_prints BEGIN SELECT RAISE(ABORT, 'label_prints is append-only'); END;
  CREATE TRIGGER label_prints_no_update BEFORE UPDATE ON label_prints BEGIN SELECT RAISE(ABORT, 'label_prints is append-only'); END;
  CREATE INDEX claim_codes_agency ON claim_codes(agency_id, device_id);
  `,
  // Telling people: wishes, policies, webhooks, what is gathered, and every message with its fate.
  `
  CREATE TABLE notification_settings (user_id TEXT PRIMARY KEY REFERENCES users(id), version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE push_subscriptions (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), endpoint TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
  CREATE INDEX push_subscriptions_user ON push_subscriptions(user_id);
  CREATE TABLE escalation_policies (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE webhooks (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), version INTEGER NOT NULL, body TEXT NOT NULL, secrets TEXT NOT NULL);
  CREATE TABLE notification_groups (id TEXT PRIMARY KEY, recipient TEXT NOT NULL, due_at INTEGER, last_event_at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX notification_groups_due ON notification_groups(due_at) WHERE due_at IS NOT NULL;
  CREATE TABLE notification_events (recipient TEXT NOT NULL, id TEXT NOT NULL, group_id TEXT NOT NULL, at INTEGER NOT NULL, settled_at INTEGER,
    body TEXT NOT NULL, PRIMARY KEY (recipient, id));
  CREATE INDEX notification_events_waiting ON notification_events(group_id) WHERE settled_at IS NULL;
  CREATE INDEX notification_events_at ON notification_events(at);
  CREATE TABLE escalations (policy_id TEXT NOT NULL, alarm_id TEXT NOT NULL, due_at INTEGER, body TEXT NOT NULL, PRIMARY KEY (policy_id, alarm_id));
  CREATE INDEX escalations_due ON escalations(due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX escalations_alarm ON escalations(alarm_id);
  CREATE TABLE notification_messages (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, agency_id TEXT, user_id TEXT, recipient TEXT NOT NULL,
    telling_id TEXT NOT NULL, channel TEXT NOT NULL, state TEXT NOT NULL, next_at INTEGER, created_at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX notification_messages_due ON notification_messages(next_at) WHERE state = 'waiting';
  CREATE INDEX notification_messages_unsettled ON notification_messages(state) WHERE state <> 'accepted';
  CREATE INDEX notification_messages_agency ON notification_messages(agency_id, number);
  CREATE INDEX notification_messages_user ON notification_messages(user_id, number);
  CREATE INDEX notification_messages_recipient ON notification_messages(recipient, created_at);
  CREATE TABLE notification_message_alarms (alarm_id TEXT NOT NULL, message_id TEXT NOT NULL, PRIMARY KEY (alarm_id, message_id)) WITHOUT ROWID;
  CREATE INDEX notification_message_alarms_message ON notification_message_alarms(message_id);
  `,
  // How far indices have been worked out, and readings that have changed since.
  `
  CREATE TABLE index_progress (id INTEGER PRIMARY KEY CHECK (id = 1), cursor INTEGER NOT NULL, through INTEGER NOT NULL);
  CREATE TABLE index_changes (id INTEGER PRIMARY KEY AUTOINCREMENT, series INTEGER NOT NULL, from_time INTEGER NOT NULL, to_time INTEGER NOT NULL);
  `,
  // Firmware over the air: whose signatures count, images, and how far each device of a rollout is.
  `
  CREATE TABLE firmware_keys (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), public_key TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (agency_id, public_key));
  CREATE TABLE firmware_images (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), model_id TEXT NOT NULL, version TEXT NOT NULL,
    sha256 TEXT NOT NULL, withdrawn_at INTEGER, body TEXT NOT NULL);
  CREATE UNIQUE INDEX firmware_images_version ON firmware_images(agency_id, model_id, version) WHERE withdrawn_at IS NULL;
  CREATE INDEX firmware_images_sha256 ON firmware_images(sha256);
  CREATE TABLE firmware_rollouts (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), model_id TEXT NOT NULL,
    image_id TEXT NOT NULL REFERENCES firmware_images(id), state TEXT NOT NULL, created_at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE firmware_rollout_devices (rollout_id TEXT NOT NULL REFERENCES firmware_rollouts(id), device_id TEXT NOT NULL, agency_id TEXT NOT NULL,
    stage INTEGER NOT NULL, version_before TEXT, kind TEXT NOT NULL, at INTEGER NOT NULL, command_id TEXT, deadline INTEGER, lost INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (rollout_id, device_id));
  CREATE INDEX firmware_rollout_devices_kind ON firmware_rollout_devices(rollout_id, kind, stage);
  CREATE INDEX firmware_rollout_devices_device ON firmware_rollout_devices(device_id);
  CREATE INDEX firmware_rollout_devices_deadline ON firmware_rollout_devices(deadline) WHERE deadline IS NOT NULL;
  `,
  // Stations of the national scheme, what became of their files, and files of readings that people ordered.
  `
  CREATE TABLE stations (code TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), version INTEGER NOT NULL, exported_to INTEGER,
    body TEXT NOT NULL);
  CREATE INDEX stations_agency ON stations(agency_id);
  CREATE TABLE station_receipts (number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, agency_id TEXT, state TEXT NOT NULL, at INTEGER NOT NULL,
    body TEXT NOT NULL);
  CREATE INDEX station_receipts_state ON station_receipts(state, number);
  CREATE INDEX station_receipts_at ON station_receipts(at);
  CREATE TABLE data_exports (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL, state TEXT NOT NULL,
    ordered_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX data_exports_user ON data_exports(user_id, number);
  CREATE INDEX data_exports_expires ON data_exports(expires_at);
  `,
  // Public warnings: each as it stands, every version it had, and the messages that were published, word for word.
  `
  CREATE TABLE warnings (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, agency_id TEXT NOT NULL REFERENCES agencies(id),
    life TEXT NOT NULL, expires_at INTEGER, ended_at INTEGER, version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX warnings_agency ON warnings(agency_id, number);
  CREATE INDEX warnings_life ON warnings(life, ended_at);
  CREATE TABLE warning_versions (warning_id TEXT NOT NULL REFERENCES warnings(id), version INTEGER NOT NULL, agency_id TEXT NOT NULL,
    recorded_at INTEGER NOT NULL, step TEXT NOT NULL, user_id TEXT, body TEXT NOT NULL, PRIMARY KEY (warning_id, version));
  CREATE TABLE warning_messages (identifier TEXT PRIMARY KEY, warning_id TEXT NOT NULL REFERENCES warnings(id), agency_id TEXT NOT NULL,
    sent INTEGER NOT NULL, xml TEXT NOT NULL);
  CREATE INDEX warning_messages_warning ON warning_messages(warning_id, sent);
  CREATE TRIGGER warnings_no_delete BEFORE DELETE ON warnings BEGIN SELECT RAISE(ABORT, 'warnings are kept for ever'); END;
  ${['warning_versions', 'warning_messages']
    .flatMap((table) =>
      ['UPDATE', 'DELETE'].map(
        (verb) =>
          `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`,
      ),
    )
    .join('\n')}
  `,
  // Rules over several series, and drafts of rules with all that was done with them.
  `
  CREATE TABLE joint_rule_state (key TEXT PRIMARY KEY, state BLOB NOT NULL);
  CREATE INDEX alarms_rule ON alarms(rule_id, started_at);
  CREATE TABLE rule_drafts (rule_id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), state TEXT NOT NULL,
    version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX rule_drafts_agency ON rule_drafts(agency_id, rule_id);
  CREATE TABLE rule_draft_events (number INTEGER PRIMARY KEY AUTOINCREMENT, rule_id TEXT NOT NULL, agency_id TEXT NOT NULL,
    at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX rule_draft_events_rule ON rule_draft_events(rule_id, number);
  CREATE TRIGGER rule_draft_events_no_update BEFORE UPDATE ON rule_draft_events BEGIN SELECT RAISE(ABORT, 'rule_draft_events is append-only'); END;
  CREATE TRIGGER rule_draft_events_no_delete BEFORE DELETE ON rule_draft_events BEGIN SELECT RAISE(ABORT, 'rule_draft_events is append-only'); END;
  `,
  // Verdicts that rules have still to heed, and those that count now.
  `
  CREATE TABLE quality_changes (id INTEGER PRIMARY KEY AUTOINCREMENT, series INTEGER NOT NULL, from_time INTEGER NOT NULL, to_time INTEGER NOT NULL);
  CREATE INDEX quality_spans_counting ON quality_spans(to_time) WHERE withdrawn_at IS NULL;
  `,
  // Maintenance and out of service of whole scopes, every version of them, and those that go with devices in maintenance now.
  `
  CREATE TABLE suppression_windows (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, agency_id TEXT NOT NULL REFERENCES agencies(id),
    device_id TEXT, end_time INTEGER, reminded_of INTEGER, version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX suppression_windows_end ON suppression_windows(end_time);
  CREATE INDEX suppression_windows_agency ON suppression_windows(agency_id, number);
  CREATE INDEX suppression_windows_device ON suppression_windows(device_id) WHERE device_id IS NOT NULL;
  CREATE TRIGGER suppression_windows_no_delete BEFORE DELETE ON suppression_windows BEGIN SELECT RAISE(ABORT, 'suppression_windows are kept for ever'); END;
  CREATE TABLE suppression_window_versions (window_id TEXT NOT NULL REFERENCES suppression_windows(id), version INTEGER NOT NULL,
    agency_id TEXT NOT NULL, recorded_at INTEGER NOT NULL, step TEXT NOT NULL, user_id TEXT, body TEXT NOT NULL, PRIMARY KEY (window_id, version));
  ${['UPDATE', 'DELETE']
    .map(
      (verb) =>
        `CREATE TRIGGER suppression_window_versions_no_${verb.toLowerCase()} BEFORE ${verb} ON suppression_window_versions BEGIN SELECT RAISE(ABORT, 'suppression_window_versions is append-only'); END;`,
    )
    .join('\n')}
  INSERT INTO suppression_windows (id, agency_id, device_id, version, body)
    SELECT 'device-step-' || a.id, d.agency_id, d.id, 1, json_object('id', 'device-step-' || a.id, 'agencyId', d.agency_id, 'kind', 'maintenance',
      'scope', json_object('kind', 'device', 'deviceId', d.id), 'reason', COALESCE(a.body ->> '$.reason', ''), 'owner', a.body ->> '$.by',
      'from', a.event_time, 'until', NULL, 'cause', 'device_step', 'endedAt', NULL, 'createdAt', a.recorded_at, 'version', 1)
    FROM devices d JOIN activities a ON a.id = (SELECT MAX(id) FROM activities WHERE device_id = d.id AND body ->> '$.kind' = 'state_changed'
      AND body ->> '$.text.params.to' = 'in_maintenance') WHERE d.state = 'in_maintenance';
  INSERT INTO suppression_window_versions SELECT w.id, 1, w.agency_id, w.body ->> '$.createdAt', 'open', w.body ->> '$.owner', w.body
    FROM suppression_windows w;
  `,
  // What people keep under a name.
  `
  CREATE TABLE saved_views (id TEXT PRIMARY KEY, user_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, shared_with TEXT REFERENCES agencies(id),
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (user_id, kind, name));
  CREATE INDEX saved_views_shared ON saved_views(shared_with) WHERE shared_with IS NOT NULL;
  `,
  // One row per activation of a live alarm, for figures over months: what its history says, in the order of time. `hidden`: it was not shown when it
  // began. Of activations before this step, those count as hidden whose alarm had last been hidden before them, or was never shown since.
  `
  CREATE TABLE alarm_activations (event_time INTEGER NOT NULL, alarm_id TEXT NOT NULL REFERENCES alarms(id), number INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL, agency_id TEXT NOT NULL, rule_id TEXT NOT NULL, point_id TEXT NOT NULL, severity_rank INTEGER NOT NULL,
    hidden INTEGER NOT NULL, cleared_at INTEGER, acknowledged_at INTEGER, PRIMARY KEY (event_time, alarm_id, number)) WITHOUT ROWID;
  CREATE INDEX alarm_activations_alarm ON alarm_activations(alarm_id, number);
  INSERT INTO alarm_activations
    WITH lines AS (
      SELECT t.*, t.body ->> '$.kind' AS kind, a.rule_id, a.point_id, a.suppressed,
        SUM(t.body ->> '$.kind' IN ('activated', 'reactivated')) OVER story AS activation,
        MAX(CASE WHEN t.body ->> '$.kind' IN ('suppressed', 'unsuppressed') THEN t.number * 2 + (t.body ->> '$.kind' = 'suppressed') END) OVER story AS hid,
        MIN(CASE WHEN t.body ->> '$.kind' IN ('suppressed', 'unsuppressed') THEN t.number * 2 + (t.body ->> '$.kind' = 'unsuppressed') END)
          OVER (PARTITION BY t.alarm_id) AS first_hid
      FROM alarm_transitions t JOIN alarms a ON a.id = t.alarm_id WHERE a.origin = 'live'
      WINDOW story AS (PARTITION BY t.alarm_id ORDER BY t.number)
    )
    SELECT l.event_time, l.alarm_id, l.number, l.recorded_at, l.agency_id, l.rule_id, l.point_id,
      CASE l.body ->> '$.severity' WHEN 'critical' THEN 0 WHEN 'major' THEN 1 WHEN 'minor' THEN 2 ELSE 3 END,
      COALESCE(l.hid % 2, l.first_hid % 2, l.suppressed),
      e.cleared_at, e.acknowledged_at
    FROM lines l JOIN (
      SELECT alarm_id, activation, MIN(CASE WHEN kind IN ('cleared', 'rule_withdrawn') THEN event_time END) AS cleared_at,
        MIN(CASE WHEN kind IN ('acknowledged', 'resolved') THEN recorded_at END) AS acknowledged_at
      FROM lines GROUP BY alarm_id, activation
    ) e ON e.alarm_id = l.alarm_id AND e.activation = l.activation
    WHERE l.kind IN ('activated', 'reactivated');
  `,
  // Incidents: each as it stands, where every signal is, all that was done; and changes of alarms that correlating has not heard.
  `
  CREATE TABLE incidents (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), severity_rank INTEGER NOT NULL,
    started_at INTEGER NOT NULL, ended_at INTEGER, merged_into TEXT, version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX incidents_open ON incidents(ended_at, severity_rank, started_at);
  CREATE TRIGGER incidents_no_delete BEFORE DELETE ON incidents BEGIN SELECT RAISE(ABORT, 'incidents are kept for ever'); END;
  CREATE TABLE incident_members (key TEXT PRIMARY KEY, incident_id TEXT REFERENCES incidents(id), by_hand INTEGER NOT NULL, alarm_id TEXT,
    device_id TEXT, agency_id TEXT NOT NULL, point_id TEXT NOT NULL, site_id TEXT NOT NULL, at INTEGER NOT NULL, ended_at INTEGER,
    sign TEXT NOT NULL, severity_rank INTEGER NOT NULL);
  CREATE INDEX incident_members_incident ON incident_members(incident_id, at);
  CREATE INDEX incident_members_alarm ON incident_members(alarm_id);
  CREATE TABLE incident_events (number INTEGER PRIMARY KEY AUTOINCREMENT, incident_id TEXT NOT NULL REFERENCES incidents(id), agency_id TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_at INTEGER NOT NULL, kind TEXT NOT NULL, user_id TEXT, body TEXT NOT NULL);
  CREATE INDEX incident_events_incident ON incident_events(incident_id, number);
  ${['UPDATE', 'DELETE']
    .map(
      (verb) =>
        `CREATE TRIGGER incident_events_no_${verb.toLowerCase()} BEFORE ${verb} ON incident_events BEGIN SELECT RAISE(ABORT, 'incident_events is append-only'); END;`,
    )
    .join('\n')}
  CREATE TABLE incident_unheard (number INTEGER PRIMARY KEY AUTOINCREMENT, alarm_id TEXT NOT NULL UNIQUE);
  INSERT INTO incident_unheard (alarm_id) SELECT id FROM alarms WHERE ended_at IS NULL AND origin = 'live' ORDER BY started_at;
  `,
  // The past, by what was on record when: from when to when each alarm was an open one, and ways to the lines of a stretch of time.
  `
  CREATE TABLE alarm_records (alarm_id TEXT PRIMARY KEY REFERENCES alarms(id), raised_at INTEGER NOT NULL, closed_at INTEGER NOT NULL);
  INSERT INTO alarm_records SELECT a.id, COALESCE(a.body ->> '$.recordedAt', a.started_at), CASE WHEN a.ended_at IS NULL THEN ${LASTING} ELSE
    COALESCE((SELECT MIN(t.recorded_at) FROM alarm_transitions t WHERE t.alarm_id = a.id AND t.body ->> '$.kind' = 'ended'), a.ended_at) END FROM alarms a;
  CREATE INDEX alarm_records_closed ON alarm_records(closed_at, raised_at);
  CREATE INDEX alarm_records_raised ON alarm_records(raised_at);
  CREATE INDEX alarms_started ON alarms(started_at);
  CREATE INDEX alarm_transitions_recorded ON alarm_transitions(recorded_at);
  CREATE INDEX alarm_transitions_event ON alarm_transitions(event_time);
  CREATE INDEX quality_spans_touching ON quality_spans(to_time, from_time);
  CREATE INDEX device_status_recorded ON device_status(recorded_at);
  CREATE INDEX device_status_event ON device_status(event_time);
  CREATE INDEX device_status_device_recorded ON device_status(device_id, recorded_at);
  CREATE INDEX device_status_device_event ON device_status(device_id, event_time);
  `,
  // Shifts: plans, who was on duty, notes, what was handed over and received; and the times that a shift's log reads histories by.
  `
  CREATE TABLE shift_plans (agency_id TEXT PRIMARY KEY REFERENCES agencies(id), version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE shift_duty (number INTEGER PRIMARY KEY AUTOINCREMENT, agency_id TEXT NOT NULL REFERENCES agencies(id), user_id TEXT NOT NULL,
    step TEXT NOT NULL, recorded_at INTEGER NOT NULL);
  CREATE INDEX shift_duty_agency ON shift_duty(agency_id, recorded_at);
  CREATE TABLE shift_notes (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, agency_id TEXT NOT NULL REFERENCES agencies(id),
    user_id TEXT NOT NULL, recorded_at INTEGER NOT NULL, happened_at INTEGER NOT NULL, corrects TEXT REFERENCES shift_notes(id), text TEXT NOT NULL);
  CREATE INDEX shift_notes_agency ON shift_notes(agency_id, recorded_at);
  CREATE TABLE shift_handovers (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, agency_id TEXT NOT NULL REFERENCES agencies(id),
    user_id TEXT NOT NULL, recorded_at INTEGER NOT NULL, sha256 TEXT NOT NULL, content TEXT NOT NULL);
  CREATE INDEX shift_handovers_agency ON shift_handovers(agency_id, number);
  CREATE TABLE shift_receipts (handover_id TEXT PRIMARY KEY REFERENCES shift_handovers(id), agency_id TEXT NOT NULL, user_id TEXT NOT NULL,
    recorded_at INTEGER NOT NULL, body TEXT NOT NULL);
  ${['shift_duty', 'shift_notes', 'shift_handovers', 'shift_receipts']
    .flatMap((table) =>
      ['UPDATE', 'DELETE'].map(
        (verb) =>
          `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`,
      ),
    )
    .join('\n')}
  CREATE INDEX suppression_window_versions_recorded ON suppression_window_versions(agency_id, recorded_at);
  CREATE INDEX warning_versions_recorded ON warning_versions(agency_id, recorded_at);
  CREATE INDEX incident_events_recorded ON incident_events(agency_id, recorded_at);
  `,
  // Links by which people choose a password.
  `
  CREATE TABLE invitations (token_sha256 TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), expires_at INTEGER NOT NULL);
  CREATE INDEX invitations_user ON invitations(user_id);
  `,
  // Wall screens: what each shows, its one-time link and its login by their hashes, and when it was last seen.
  `
  CREATE TABLE displays (id TEXT PRIMARY KEY, agency_id TEXT NOT NULL REFERENCES agencies(id), link_sha256 TEXT UNIQUE, link_expires_at INTEGER,
    secret_sha256 TEXT UNIQUE, revoked_at INTEGER, version INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX displays_agency ON displays(agency_id);
  CREATE TABLE display_sightings (display_id TEXT PRIMARY KEY REFERENCES displays(id), agency_id TEXT NOT NULL, body TEXT NOT NULL);
  `,
  // Open commands, found by a condition that every engine understands.
  `
  DROP INDEX device_commands_open;
  DROP INDEX device_commands_expiry;
  CREATE INDEX device_commands_open ON device_commands(device_id) WHERE open = 1;
  CREATE INDEX device_commands_expiry ON device_commands(expires_at) WHERE open = 1;
  `,
  // Workers that share the registry: which there are, who does what, and how far each consumer of the journal has come.
  `
  CREATE TABLE workers (id TEXT PRIMARY KEY, seen_until INTEGER NOT NULL);
  CREATE TABLE duty_leases (duty TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch INTEGER NOT NULL, expires_at INTEGER NOT NULL);
  CREATE TABLE journal_cursors (consumer TEXT PRIMARY KEY, sequence INTEGER NOT NULL);
  `,
  // Several gateways: who they are, and of which connection to which of them a status is.
  `
  CREATE TABLE gateways (id TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, beats INTEGER NOT NULL, ttl INTEGER NOT NULL,
    held INTEGER NOT NULL, seen_at INTEGER NOT NULL);
  ALTER TABLE device_status ADD COLUMN gateway TEXT;
  ALTER TABLE device_status ADD COLUMN session_stamp INTEGER;
  `,
  // Exports that any of several servers writes: whose turn it is and until when, how far it is, and how many servers were lost over it.
  `
  ALTER TABLE data_exports ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE data_exports ADD COLUMN held_until INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE data_exports ADD COLUMN losses INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE data_exports ADD COLUMN progress TEXT;
  `,
  // Small numbers of points, the same at every API server; `epoch`: of this numbering, against that of another registry.
  `
  CREATE TABLE point_numbers (number INTEGER PRIMARY KEY AUTOINCREMENT, point_id TEXT NOT NULL UNIQUE);
  CREATE TABLE point_numbering (epoch TEXT PRIMARY KEY);
  `,
  // Requests that may come again, to whichever server: who is at them until when, and what was answered, sealed by the key that came with them.
  `
  CREATE TABLE answered_requests (id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, turn INTEGER NOT NULL, held_until INTEGER NOT NULL,
    forgotten_at INTEGER NOT NULL, answer BLOB);
  CREATE INDEX answered_requests_forgotten ON answered_requests(forgotten_at);
  `,
  // Links by which the first administrator is made, by their hashes: of whichever server, each is good at all.
  `
  CREATE TABLE setup_links (secret_sha256 TEXT PRIMARY KEY, opened_at INTEGER NOT NULL);
  `,
];

/** @throws when the registry was written by a release that knows more steps than this one. */
export function refuseNewer(taken: number): void {
  if (taken > MIGRATIONS.length)
    throw new Error(
      `the registry is of a newer release (step ${taken}, this one knows ${MIGRATIONS.length}): start that release, or restore a backup`,
    );
}
