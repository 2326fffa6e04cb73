// Reads a calendar from standard input with ical.js and says what it understood, as JSON: of each
// entry its UID, its status, its title, what a clock there shows, and the instant in Unix seconds.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const rules of calendar.getAllSubcomponents("vtimezone")) {
  ICAL.TimezoneService.register(new ICAL.Timezone(rules));
}
const entries = calendar.getAllSubcomponents("vevent").map((component) => {
  const entry = new ICAL.Event(component);
  return {
    uid: entry.uid,
    status: component.getFirstPropertyValue("status"),
    title: entry.summary,
    description: entry.description,
    location: entry.location,
    wall: entry.startDate.toString(),
    zone: entry.startDate.zone.tzid,
    starts: entry.startDate.toUnixTime(),
    ends: entry.endDate.toUnixTime(),
  };
});
process.stdout.write(JSON.stringify(entries));
