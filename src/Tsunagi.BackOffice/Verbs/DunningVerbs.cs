using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.BackOffice.Verbs;

/// <summary>tsunagi backoffice dunning | letter: what is done where nothing came in.</summary>
internal static class DunningVerbs
{
    private const string Api = "/api/v1/backoffice/";

    private static readonly VerbParameter Proposal = new("PROPOSAL", "its id (dp_…)", Required: true), Letter = new("LETTER", "its id (lt_…)", Required: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.Show("dunning state", "What dunning rests on now: how new the bank's files are, whether today is a day to act", Api + "dunning"),
        ApiVerb.List("dunning list", "Steps that may be taken, and why some wait", Api + "dunning/proposals", [new("--account", "of this billing account")],
            "id", "account=accountId", "name=accountName", "stage", "action", "from", "amount=amount.value", "currency=amount.unit", "waits=blocks"),
        ApiVerb.Send("dunning release", "Take a step as it was looked at", HttpMethod.Post, Api + "dunning/proposals/{PROPOSAL}/release", [Proposal]),
        ApiVerb.Send("dunning skip", "Pass over a step", HttpMethod.Post, Api + "dunning/proposals/{PROPOSAL}/skip", [Proposal, new("--reason", "why", Required: true)]),
        ApiVerb.List("dunning steps", "Steps taken and skipped, newest first", Api + "dunning/steps", [
            new("--text", "a part of the customer's name, an invoice's number"), new("--account", "of this billing account"), new("--action", "of this kind", Allowed: ["remind", "lastNotice", "suspend", "handOver"]),
            new("--state", "only these", Allowed: ["done", "skipped", "suspended"]),
        ], "id", "day", "name=accountName", "stage", "action", "state", "amount=amount.value", "by=decidedBy", "letter=letterId", "letter state=letterState", "ended=endedAt"),
        ApiVerb.Show("dunning terms", "The operator's terms: stages, letters, what is automatic", Api + "dunning/terms"),
        ApiVerb.Send("dunning set-terms", "Change the terms whole, by a file as \"dunning terms\" shows them (a person, signed in)", HttpMethod.Put, Api + "dunning/terms",
            [new("FILE", "YAML or JSON", Required: true), new("--if-version", "only when they are at this version", Value: VerbValue.Whole)], "the terms are changed", TermsBody),
        ApiVerb.List("dunning holidays", "The operator's calendar", Api + "dunning/holidays", [], "day", "name"),
        ApiVerb.Send("dunning set-holidays", "Enter the holidays of whole years: lines of a date and a name (2027-01-01,元日)", HttpMethod.Put, Api + "dunning/holidays",
            [new("FILE", "CSV in UTF-8", Required: true)], "the calendar is changed", HolidaysBody),
        ApiVerb.List("dunning bookings", "Bookings of imported bank files that wait for a person", Api + "dunning/bookings", [], "booking", "day=bookedOn", "amount=amount.value", "payer", "perhaps=accountId"),
        ApiVerb.Send("dunning dismiss", "Put a booking aside: it pays nobody's invoice", HttpMethod.Post, Api + "dunning/dismissals", [new("--booking", "its key", Required: true), new("--reason", "why", Required: true)], "the booking is put aside"),
        ApiVerb.Show("letter show", "One letter, as it was written", Api + "letters/{LETTER}", Letter),
        ApiVerb.Send("letter send-again", "Try a letter again that failed, or of which nobody knows", HttpMethod.Post, Api + "letters/{LETTER}/send-again", [Letter], "it is tried again"),
        ApiVerb.Send("letter delivered", "Say that a letter reached its reader otherwise", HttpMethod.Post, Api + "letters/{LETTER}/delivered", [Letter, new("--note", "how", Required: true)], "it is recorded as delivered"),
    ];

    private static JsonNode TermsBody(VerbContext context)
    {
        var root = ValueFiles.Read(context, context["FILE"]!).Root;
        return (root["terms"] ?? root).DeepClone();
    }

    private static JsonObject HolidaysBody(VerbContext context)
    {
        var days = new JsonArray();
        foreach (var line in ValueFiles.Text(context, context["FILE"]!).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var cut = line.IndexOf(',', StringComparison.Ordinal);
            var day = (cut < 0 ? line : line[..cut]).Trim('\ufeff', '"', ' ').Split('/', '-');
            if (day.Length != 3 || !day.All(static part => part.Length is > 0 and <= 4 && part.All(char.IsAsciiDigit)))
            {
                // A head line is passed over; anything else must be a date.
                if (days.Count == 0)
                {
                    continue;
                }

                throw new WrongInputException($"{context["FILE"]}: \"{line}\" does not begin with a date");
            }

            days.Add(new JsonObject { ["day"] = $"{day[0]}-{day[1].PadLeft(2, '0')}-{day[2].PadLeft(2, '0')}", ["name"] = cut < 0 ? "" : line[(cut + 1)..].Trim('"', ' ') });
        }

        return new JsonObject { ["holidays"] = days };
    }
}
