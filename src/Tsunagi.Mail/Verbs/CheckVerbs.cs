using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Api;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Checks.Clamav;
using Tsunagi.Mail.Checks.Classifier;
using Tsunagi.Mail.Classify;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.AuthResults;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail check: one message through the gateway's filter, without an installation and without a node.</summary>
internal static class CheckVerbs
{
    private const int ShownParts = 20;

    public static readonly IReadOnlyList<Verb> All =
    [
        new("check", "Check one message as the gateway would: what each check finds, the verdict, and why", [
            new("FILE", "a message; - reads standard input", Required: true),
            new("--from", "the reverse-path (<> for none); without it that of the Return-Path field, else the author's address"),
            new("--ip", "the client's address; SPF is not asked without it"),
            new("--helo", "what the client said in EHLO"),
            new("--to", "a recipient; may be given several times", Many: true),
            ConformanceChecks.Dns,
            new("--model", $"the classifier's model; {ModelPath.FileName} in the data directory without it, where there is one"),
            new("--clamd", "where clamd listens (/path/of/socket or host:port); it is not asked without it"),
            ConformanceChecks.At,
        ], CheckAsync),
    ];

    private static async Task<int> CheckAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var message = await ConformanceChecks.OctetsAsync(context, cancellationToken);
        if (message.Length == 0)
        {
            throw new WrongInputException($"{context["FILE"]} is empty: there is no message in it");
        }

        var (envelope, sender) = EnvelopeOf(context, message);
        var model = ModelOf(context);
        await using var filter = new LoneFilter(
            new FilterOptions { Clamd = ClamdOf(context), ClassifierModel = model }, await ConformanceChecks.DnsAsync(context, cancellationToken), TimeProvider.System);
        if (model.Length > 0 && filter.LoadModel() is null)
        {
            // It is read once more, by the one who says what is wrong with it.
            ModelPath.Read(model);
        }

        var found = await filter.CheckAsync(envelope, message, cancellationToken);
        var results = AuthenticationResults.TryParse(FieldBody(found.Message.AuthenticationResults), out var read, out _) ? read!.Results : [];
        var checks = EvidenceCatalogue.Checks.Select(name => Told(name, context, found)).ToList();
        context.Print(["check", "found", "policy", "points"], Rows(found, checks, results), context.Json ? ToJson(context, envelope, sender, found, checks, results) : null);
        Say(context, sender, found);
        return 0;
    }

    private static (LoneEnvelope Envelope, string Sender) EnvelopeOf(VerbContext context, byte[] message)
    {
        IPAddress? address = null;
        if (context["--ip"] is { } ip && !IPAddress.TryParse(ip, out address))
        {
            throw new WrongInputException($"--ip: '{ip}' is no address; allowed: an IPv4 or IPv6 address");
        }

        var (path, said) = SenderOf(context["--from"], message);
        var recipients = context.Values("--to").Select(static to => Mailbox.TryParse(to.Trim('<', '>'), out var mailbox)
            ? mailbox!
            : throw new WrongInputException($"--to: '{to}' is no mail address; allowed: name@domain")).ToList();
        return (new LoneEnvelope(address, context["--helo"] ?? "", path, recipients, ConformanceChecks.Time(context)), said);
    }

    private static (ReversePath Path, string Said) SenderOf(string? given, byte[] message)
    {
        if (given is not null)
        {
            var bare = given.Trim().TrimStart('<').TrimEnd('>');
            return bare.Length == 0 ? (ReversePath.Null, "--from")
                : Mailbox.TryParse(bare, out var mailbox) ? (new ReversePath(mailbox), "--from")
                : throw new WrongInputException($"--from: '{given}' is no mail address; allowed: name@domain, or <> for the null path");
        }

        Mailbox? author = null;
        var reader = new HeaderReader(message);
        while (reader.Read())
        {
            var field = reader.Field;
            if (field.Is("Return-Path"u8))
            {
                var bare = field.Unfold().Trim().TrimStart('<').TrimEnd('>');
                return bare.Length == 0 ? (ReversePath.Null, "Return-Path")
                    : Mailbox.TryParse(bare, out var mailbox) ? (new ReversePath(mailbox), "Return-Path")
                    : (ReversePath.Null, "a Return-Path that cannot be read");
            }

            if (author is null && field.Is("From"u8) && AddressField.TryReadFirst(field.Body, 500, out _, out var from))
            {
                author = from;
            }
        }

        return author is null ? (ReversePath.Null, "nothing: no author can be read") : (new ReversePath(author), "From");
    }

    // The whole path, or nothing where no model is named and none is there.
    private static string ModelOf(VerbContext context)
    {
        if (context["--model"] is { } given)
        {
            return context.Home.File(given);
        }

        var usual = Path.Combine(context.Home.DataDirectory, ModelPath.FileName);
        return File.Exists(usual) ? Path.GetFullPath(usual) : "";
    }

    private static string ClamdOf(VerbContext context)
    {
        if (context["--clamd"] is not { } place)
        {
            return "";
        }

        var colon = place.LastIndexOf(':');
        return place.StartsWith('/') || (colon > 0 && ushort.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? place
            : throw new WrongInputException($"--clamd: '{place}' is no place; allowed: /path/of/socket, or host:port");
    }

    /// <summary>What became of a check: it ran, it was not asked, or it was away.</summary>
    private static Ran Told(string name, VerbContext context, LoneVerdict found)
    {
        var evidence = found.Verdict.Evidence.Where(judged => judged.Evidence.Code.StartsWith(name + ".", StringComparison.Ordinal)).ToList();
        if (found.Verdict.Evidence.Any(static judged => judged.Evidence.Code == CheckRun.Unscannable))
        {
            return new Ran(name, "not-asked", "the message is too long to be looked into", evidence);
        }

        if (evidence.Exists(static judged => EvidenceCatalogue.Find(judged.Evidence.Code) is { IsUnavailable: true }))
        {
            return new Ran(name, "unavailable", VerdictStory.Says(evidence[0].Evidence).En, evidence);
        }

        var why = name switch
        {
            ClassifierCheck.CheckName when !found.SetUp.Contains(name) => $"there is no model: make one with tsunagi mail train, or name one with --model ({context.Home.DataDirectory} holds none)",
            ClamavCheck.CheckName when !found.SetUp.Contains(name) => "no --clamd was given",
            _ => "",
        };
        return new Ran(name, why.Length > 0 ? "not-asked" : "ran", why, evidence);
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(LoneVerdict found, List<Ran> checks, IReadOnlyList<AuthenticationResult> results)
    {
        foreach (var judged in found.Verdict.Evidence.Where(static judged => judged.Evidence.Code == CheckRun.Unscannable))
        {
            yield return Row("message", judged);
        }

        foreach (var check in checks)
        {
            foreach (var result in check.Name == AuthenticationCheck.CheckName ? results : [])
            {
                yield return [check.Name, $"{result.Method}={result.Result}{(result.Comment is { Length: > 0 } comment ? $" ({comment})" : "")}", "", ""];
            }

            foreach (var judged in check.Evidence)
            {
                yield return Row(check.Name, judged);
            }

            if (check.Why.Length > 0 && check.Evidence.Count == 0)
            {
                yield return [check.Name, $"(not asked: {check.Why})", "", ""];
            }
            else if (check.Evidence.Count == 0 && (check.Name != AuthenticationCheck.CheckName || results.Count == 0))
            {
                yield return [check.Name, "nothing", "", ""];
            }
        }
    }

    private static IReadOnlyList<string> Row(string check, JudgedEvidence judged) =>
        [check, $"{judged.Evidence.Code}: {VerdictStory.Says(judged.Evidence).En}", VerdictStory.PolicySays(judged).En, judged.Points.ToString(CultureInfo.InvariantCulture)];

    private static void Say(VerbContext context, string sender, LoneVerdict found)
    {
        var (verdict, message) = (found.Verdict, found.Message);
        context.Say($"from {(message.ReversePath.Mailbox is { } mailbox ? mailbox.ToString() : "<>")} (by {sender}){(message.ClientAddress is { } ip ? $", client {ip}" : "; SPF was not asked: no --ip")}", VerbTone.Muted);
        context.Say("parts: " + string.Join("; ", message.Tree.Parts.Take(ShownParts).Select(PartOf)) + (message.Tree.Parts.Count > ShownParts ? $"; {message.Tree.Parts.Count - ShownParts} more" : ""), VerbTone.Muted);
        var tone = verdict.Wished >= PolicyAction.Quarantine ? VerbTone.Removed : verdict.Wished == PolicyAction.Tag ? VerbTone.Warning : VerbTone.Added;
        context.Say($"verdict: {VerdictView.NameOf(verdict.Action)}{Otherwise(verdict)}", tone);
        context.Say("why: " + WhyOf(verdict), tone);
    }

    private static string Otherwise(MessageVerdict verdict) => verdict.Wished == verdict.Action
        ? ""
        : $" (the default policy only tags; without tag-only it would be {VerdictStory.Name(verdict.Wished).En})";

    private static string WhyOf(MessageVerdict verdict) => VerdictStory.Decider(verdict)?.En
        ?? (verdict.Evidence.Count == 0 ? "nothing was found." : "what was found does not matter to the policy.");

    private static string PartOf(MimePart part) => part.MediaType + string.Concat(part.Names.Select(static name => $" “{name}”"));

    private static JsonObject ToJson(
        VerbContext context, LoneEnvelope envelope, string sender, LoneVerdict found, List<Ran> checks, IReadOnlyList<AuthenticationResult> results)
    {
        var (verdict, message) = (found.Verdict, found.Message);
        return new JsonObject
        {
            ["file"] = context["FILE"],
            ["octets"] = message.Content.Length,
            ["envelope"] = new JsonObject
            {
                ["from"] = envelope.ReversePath.Mailbox?.ToString() ?? "",
                ["fromBy"] = sender,
                ["to"] = new JsonArray([.. envelope.Recipients.Select(static to => (JsonNode)to.ToString())]),
                ["ip"] = envelope.ClientAddress?.ToString(),
                ["helo"] = envelope.Helo,
            },
            ["verdict"] = VerdictView.NameOf(verdict.Action),
            ["wished"] = VerdictView.NameOf(verdict.Wished),
            ["reason"] = verdict.Reason.Length > 0 ? verdict.Reason : null,
            ["points"] = verdict.Points,
            ["why"] = WhyOf(verdict),
            ["policy"] = new JsonObject { ["name"] = "default", ["tagOnly"] = verdict.TagOnly },
            ["checks"] = new JsonArray([.. checks.Select(static check => (JsonNode)new JsonObject
            {
                ["check"] = check.Name,
                ["state"] = check.State,
                ["why"] = check.Why.Length > 0 ? check.Why : null,
                ["evidence"] = new JsonArray([.. check.Evidence.Select(static judged => (JsonNode)ToJson(judged))]),
            })]),
            ["unscannable"] = verdict.Evidence.FirstOrDefault(static judged => judged.Evidence.Code == CheckRun.Unscannable) is { } unscannable ? ToJson(unscannable) : null,
            ["authentication"] = new JsonArray([.. results.Select(static result => (JsonNode)new JsonObject
            {
                ["method"] = result.Method,
                ["result"] = result.Result,
                ["why"] = result.Comment,
                ["properties"] = new JsonObject(result.Properties.DistinctBy(static p => (p.Type, p.Name)).Select(static p => KeyValuePair.Create($"{p.Type}.{p.Name}", (JsonNode?)p.Value))),
            })]),
            ["parts"] = new JsonArray([.. message.Tree.Parts.Select(static part => (JsonNode)new JsonObject
            {
                ["type"] = part.MediaType,
                ["depth"] = part.Depth,
                ["names"] = new JsonArray([.. part.Names.Select(static name => (JsonNode)name)]),
                ["octets"] = part.End - part.BodyStart,
            })]),
            ["flaws"] = new JsonArray([.. Enum.GetValues<MimeFlaw>().Where(flaw => flaw != MimeFlaw.None && message.Tree.Flaws.HasFlag(flaw)).Select(static flaw => (JsonNode)flaw.ToString())]),
            ["forgedFields"] = message.ForgedFields,
        };
    }

    private static JsonObject ToJson(JudgedEvidence judged) => new()
    {
        ["code"] = judged.Evidence.Code,
        ["says"] = VerdictStory.Says(judged.Evidence).En,
        ["policy"] = VerdictStory.PolicySays(judged).En,
        ["action"] = VerdictView.NameOf(judged.Action),
        ["points"] = judged.Points,
        ["values"] = new JsonObject(judged.Evidence.Values.DistinctBy(static value => value.Name).Select(static value => KeyValuePair.Create(value.Name, (JsonNode?)value.Text))),
    };

    private static byte[] FieldBody(string field) => Encoding.UTF8.GetBytes(field[(field.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimEnd('\r', '\n'));

    /// <param name="State">ran, not-asked or unavailable.</param>
    private sealed record Ran(string Name, string State, string Why, IReadOnlyList<JudgedEvidence> Evidence);
}
