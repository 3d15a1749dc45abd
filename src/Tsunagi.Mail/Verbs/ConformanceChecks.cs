using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Classify;
using Tsunagi.Mail.Conformance;
using Tsunagi.Protocols.Mail.Arc;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Spf;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail spf|dkim|dmarc|arc verify: one check of one message with every step, over the DNS of this machine or of a file, without the program.</summary>
internal static class ConformanceChecks
{
    internal static readonly VerbParameter Dns = new(
        "--dns",
        "a file to answer from instead of this machine's resolvers: lines NAME [TTL] [IN] TYPE DATA as dig prints them (A, AAAA, CNAME, MX, PTR, TXT; quoted strings are joined, the data SERVFAIL or TIMEOUT is no answer), "
            + "or YAML with zonedata and txt-records as the public suites have it; what does not stand there does not exist; - reads standard input");
    internal static readonly VerbParameter At = new("--at", "the time of the check in seconds since 1970; now without it", Value: VerbValue.Whole);
    private static readonly VerbParameter Ip = new("--ip", "the client's address", Required: true);
    private static readonly VerbParameter From = new("--from", "the reverse-path; the null path without it");
    private static readonly VerbParameter Helo = new("--helo", "what the client said in EHLO");
    private static readonly VerbParameter File = new("FILE", "a message; - reads standard input", Required: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        new("spf verify", "Check who may send, and show each step", [Ip, From, Helo, Dns, At], SpfAsync),
        new("dkim verify", "Verify the signatures of a message", [File, Dns, At], DkimAsync),
        new("dmarc verify", "Evaluate the policy of a message's author", [File, Ip with { Required = false }, From, Helo, Dns, At], DmarcAsync),
        new("arc verify", "Verify the chain of a message", [File, Dns, At], ArcAsync),
    ];

    /// <summary>The octets of a file, or of standard input for "-".</summary>
    public static async Task<byte[]> ReadAsync(VerbContext context, string name, CancellationToken cancellationToken)
    {
        try
        {
            if (name != "-")
            {
                return await System.IO.File.ReadAllBytesAsync(context.Home.File(name), cancellationToken);
            }

            using var content = new MemoryStream();
            await using var input = Console.OpenStandardInput();
            await input.CopyToAsync(content, cancellationToken);
            return content.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongInputException($"the file {name} cannot be read: {e.Message}");
        }
    }

    private static async Task<int> SpfAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var result = await SpfCheck.RunAsync(Query(context), await DnsAsync(context, cancellationToken), null, cancellationToken);
        context.Print(
            ["", "domain", "term", "outcome", "asked", "detail"],
            result.Steps.Select(static step => (IReadOnlyList<string>)[
                new string('>', step.Depth), step.Domain, step.Term, Word(step.Outcome),
                string.Join(", ", step.Lookups.Select(static l => $"{l.Type} {l.Name} {(l.Answers.IsEmpty ? Word(l.Status) : string.Join(' ', l.Answers))}")), step.Detail]),
            new JsonObject
            {
                ["verdict"] = Word(result.Verdict),
                ["domain"] = result.Domain,
                ["identity"] = Word(result.Identity),
                ["term"] = result.Term,
                ["why"] = result.Reason,
                ["explanation"] = result.Explanation,
                ["lookups"] = result.Lookups,
                ["voidLookups"] = result.VoidLookups,
                ["steps"] = new JsonArray([.. result.Steps.Select(static step => (JsonNode)new JsonObject
                {
                    ["depth"] = step.Depth,
                    ["domain"] = step.Domain,
                    ["term"] = step.Term,
                    ["outcome"] = Word(step.Outcome),
                    ["detail"] = step.Detail,
                    ["asked"] = new JsonArray([.. step.Lookups.Select(static l => (JsonNode)new JsonObject
                    {
                        ["type"] = l.Type,
                        ["name"] = l.Name,
                        ["status"] = Word(l.Status),
                        ["answers"] = new JsonArray([.. l.Answers.Select(static a => (JsonNode)a)]),
                    })]),
                })]),
            });
        context.Say($"{Word(result.Verdict)}: {result.Reason}{(result.Explanation is { } said ? $"; its owner says: {said}" : "")}");
        return result.Verdict == SpfVerdict.Pass ? 0 : 1;
    }

    private static async Task<int> DkimAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var message = await MessageAsync(context, cancellationToken);
        var results = await DkimVerification.VerifyAsync(message, await DnsAsync(context, cancellationToken), Time(context), null, cancellationToken);
        context.Print(
            ["verdict", "domain", "selector", "algorithm", "key", "why", "notes"],
            results.Select(static r => (IReadOnlyList<string>)[
                Word(r.Verdict), r.Signature?.Domain ?? "", r.Signature?.Selector ?? "", r.Signature?.AlgorithmName ?? "",
                r.KeyBits == 0 ? "" : r.KeyBits.ToString(CultureInfo.InvariantCulture), r.Reason, Notes(r)]),
            new JsonArray([.. results.Select(static r => (JsonNode)new JsonObject
            {
                ["verdict"] = Word(r.Verdict),
                ["domain"] = r.Signature?.Domain,
                ["selector"] = r.Signature?.Selector,
                ["algorithm"] = r.Signature?.AlgorithmName,
                ["keyBits"] = r.KeyBits,
                ["why"] = r.Reason,
                ["unsignedOctets"] = r.UnsignedOctets,
                ["isWeakKey"] = r.IsWeakKey,
                ["isTesting"] = r.IsTesting,
            })]));
        if (results.IsEmpty)
        {
            context.Say("none: the message is not signed");
        }

        return results.Any(static r => r.Verdict == DkimVerdict.Pass) ? 0 : 1;
    }

    private static async Task<int> DmarcAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var message = await MessageAsync(context, cancellationToken);
        var dns = await DnsAsync(context, cancellationToken);
        var header = MessageHeader.Read(message.FirstSpan);
        if (header.From is not { } author || header.FromCount != 1)
        {
            throw new WrongInputException($"the message has {header.FromCount} From fields with an address that can be read; DMARC wants one");
        }

        var result = await DmarcCheck.RunAsync(
            new DmarcQuery
            {
                AuthorDomain = author.Domain,
                Spf = context["--ip"] is null ? null : await SpfCheck.RunAsync(Query(context), dns, null, cancellationToken),
                Dkim = await DkimVerification.VerifyAsync(message, dns, Time(context), null, cancellationToken),
            },
            dns,
            null,
            cancellationToken);
        context.Print(
            ["asked", "answer"],
            result.Lookups.Select(static l => (IReadOnlyList<string>)["_dmarc." + l.Domain, l.Record ?? Word(l.Status)]),
            new JsonObject
            {
                ["verdict"] = Word(result.Verdict),
                ["why"] = result.Reason,
                ["author"] = result.AuthorDomain,
                ["organization"] = result.OrganizationalDomain,
                ["policyDomain"] = result.PolicyDomain,
                ["policy"] = Word(result.Policy),
                ["policyTag"] = result.PolicyTag,
                ["disposition"] = Word(result.Disposition),
                ["isSpfAligned"] = result.IsSpfAligned,
                ["alignedSignatures"] = new JsonArray([.. result.AlignedSignatures.Select(static s => (JsonNode)s.Domain)]),
                ["lookups"] = new JsonArray([.. result.Lookups.Select(static l => (JsonNode)new JsonObject { ["domain"] = l.Domain, ["status"] = Word(l.Status), ["record"] = l.Record })]),
            });
        context.Say($"{Word(result.Verdict)}: {result.Reason}");
        if (result.Verdict == DmarcVerdict.Fail)
        {
            context.Say($"{result.PolicyDomain} asks for {result.PolicyTag}={Word(result.Policy)}; to be done: {Word(result.Disposition)}");
        }

        return result.Verdict == DmarcVerdict.Pass ? 0 : 1;
    }

    private static async Task<int> ArcAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var message = await MessageAsync(context, cancellationToken);
        var result = await ArcVerification.VerifyAsync(
            message, await DnsAsync(context, cancellationToken), Time(context), new ArcOptions { FindsOldestPass = true }, cancellationToken);
        context.Print(
            ["instance", "sealed by", "chain was", "found"],
            result.Sets.Select(static set => (IReadOnlyList<string>)[
                set.Instance.ToString(CultureInfo.InvariantCulture), set.Seal.Domain, set.Seal.ChainStatus, set.Results]),
            new JsonObject
            {
                ["verdict"] = Word(result.Verdict),
                ["why"] = result.Reason,
                ["oldestPass"] = result.OldestPass,
                ["sets"] = new JsonArray([.. result.Sets.Select(static set => (JsonNode)new JsonObject
                {
                    ["instance"] = set.Instance, ["domain"] = set.Seal.Domain, ["chain"] = set.Seal.ChainStatus, ["found"] = set.Results,
                })]),
            });
        context.Say($"{Word(result.Verdict)}: {result.Reason}");
        return result.Verdict == ArcVerdict.Pass ? 0 : 1;
    }

    private static SpfQuery Query(VerbContext context)
    {
        if (!IPAddress.TryParse(context["--ip"], out var address))
        {
            throw new WrongInputException($"--ip: '{context["--ip"]}' is no address");
        }

        return new SpfQuery { ClientAddress = address, Sender = (context["--from"] ?? "").Trim('<', '>'), HeloName = context["--helo"] ?? "", Time = Time(context) };
    }

    /// <summary>The DNS of the file that was named; of this machine without one.</summary>
    internal static async Task<IMailDns> DnsAsync(VerbContext context, CancellationToken cancellationToken)
    {
        if (context["--dns"] is not { } file)
        {
            return context.Service<IMailDns>() ?? throw new WrongInputException("there is no resolver here: name a file with --dns");
        }

        if (file == "-" && context["FILE"] == "-")
        {
            throw new WrongInputException("the message and --dns cannot both be read from standard input");
        }

        var text = Encoding.UTF8.GetString(await ReadAsync(context, file, cancellationToken));
        try
        {
            return ZoneFile.Read(text);
        }
        catch (FormatException e)
        {
            throw new WrongInputException($"{file}: {e.Message}");
        }
    }

    internal static DateTimeOffset Time(VerbContext context)
    {
        if (context["--at"] is not { } seconds)
        {
            return TimeProvider.System.GetUtcNow();
        }

        var number = long.Parse(seconds, CultureInfo.InvariantCulture);
        return number is >= 0 and <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds(number) : throw new WrongInputException($"--at: {seconds} is beyond the year 9999");
    }

    private static async Task<ReadOnlySequence<byte>> MessageAsync(VerbContext context, CancellationToken cancellationToken) => new(await OctetsAsync(context, cancellationToken));

    /// <summary>The message as it is on the wire: files often have lines that end in LF, and an mbox puts a line before it.</summary>
    internal static async Task<byte[]> OctetsAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var message = Mbox.WithoutMark(await ReadAsync(context, context["FILE"]!, cancellationToken));
        return message.AsSpan().IndexOf("\r\n"u8) >= 0 ? message : Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(message).Replace("\n", "\r\n", StringComparison.Ordinal));
    }

    private static string Notes(DkimResult result)
    {
        var notes = new List<string>();
        if (result.IsPartial)
        {
            notes.Add($"{result.UnsignedOctets.ToString(CultureInfo.InvariantCulture)} octets of the body are not signed");
        }

        if (result.IsWeakKey)
        {
            notes.Add("weak key");
        }

        if (result.IsTesting)
        {
            notes.Add("the owner is testing");
        }

        return string.Join(", ", notes);
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
