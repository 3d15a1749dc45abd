using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Arc;
using Tsunagi.Protocols.Mail.AuthResults;
using Tsunagi.Protocols.Mail.Dkim;

namespace Tsunagi.Mail.Conformance;

/// <summary>
/// Runs a suite in the format of ValiMail's arc_test_suite: documents of tests over txt-records. A test with cv is a chain to be validated; one with AS,
/// AMS and AAR a message to be sealed with the document's key, tag by tag.
/// </summary>
internal static class ArcSuite
{
    public static async Task<IReadOnlyList<SuiteCase>> RunAsync(string yaml, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var cases = new List<SuiteCase>();
        foreach (var document in SuiteNode.ReadAll(yaml))
        {
            var zone = ZoneFile.From(document);
            foreach (var (name, test) in document["tests"]?.Members ?? [])
            {
                cases.Add(test["AS"] is null
                    ? await ValidateAsync(name, test, zone, now, cancellationToken)
                    : await SealAsync(name, test, document, zone, now, cancellationToken));
            }
        }

        return cases;
    }

    private static async Task<SuiteCase> ValidateAsync(string name, SuiteNode test, ZoneFile zone, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var result = await ArcVerification.VerifyAsync(Message(test), zone, now, null, cancellationToken);

        // A chain that had failed before it came in is wanted as nothing at all: no set is added to it.
        var wanted = (test["cv"]?.Text ?? "").Trim().ToLowerInvariant();
        wanted = wanted.Length == 0 ? "fail" : wanted;
        var got = result.Verdict.ToString().ToLowerInvariant();
        return new SuiteCase(name, got == wanted, wanted, got, result.Reason);
    }

    private static async Task<SuiteCase> SealAsync(
        string name, SuiteNode test, SuiteNode document, ZoneFile zone, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!DkimPrivateKey.TryParsePem(document["privatekey"]?.Text ?? "", out var key, out var reason))
        {
            return new SuiteCase(name, false, "a private key", reason, "");
        }

        using (key)
        {
            var message = Message(test);
            using var signed = SignedMessage.Read(message);
            var verification = new ArcVerification(signed);
            var sealing = new ArcSealing(signed, new ArcSealingOptions
            {
                ExactFields = [.. (test["sig-headers"]?.Text ?? "").Split(':', StringSplitOptions.TrimEntries)],
                IsFolded = false,
            });
            signed.AppendBodyOf(message);
            var chain = await verification.CompleteAsync(zone, now, cancellationToken);
            var signer = new DkimSigner(document["domain"]?.Text ?? "", document["sel"]?.Text ?? "", key!);
            var time = DateTimeOffset.FromUnixTimeSeconds(long.Parse(test["t"]?.Text ?? "0", CultureInfo.InvariantCulture));
            var output = new ArrayBufferWriter<byte>();
            sealing.TryComplete(signer, chain, Results(signed.Header, test["srv-id"]?.Text ?? ""), time, output);
            var header = HeaderSection.Read(output.WrittenSpan);
            var problems = new List<string>();
            CompareTags(problems, "ARC-Seal", header, test["AS"]);
            CompareTags(problems, "ARC-Message-Signature", header, test["AMS"]);
            CompareText(problems, "ARC-Authentication-Results", header, test["AAR"]);
            return new SuiteCase(name, problems.Count == 0, "the set of the suite", problems.Count == 0 ? "the same" : string.Join("; ", problems), chain.Reason);
        }
    }

    // What our own host wrote before, in its order.
    private static AuthenticationResults Results(HeaderSection header, string authservId)
    {
        var results = ImmutableArray.CreateBuilder<AuthenticationResult>();
        foreach (var field in header.Find(AuthenticationResults.FieldName))
        {
            if (AuthenticationResults.TryParse(header.Body(field), out var read, out _) && read!.AuthservId.Equals(authservId, StringComparison.OrdinalIgnoreCase))
            {
                results.AddRange(read.Results);
            }
        }

        return new AuthenticationResults { AuthservId = authservId, Results = results.ToImmutable() };
    }

    private static void CompareTags(List<string> problems, string name, HeaderSection header, SuiteNode? wanted)
    {
        var text = (wanted?.Text ?? "").Trim();
        if (text.Length == 0 || header.Find(name).Count == 0)
        {
            problems.AddRange(text.Length == 0 == (header.Find(name).Count == 0) ? [] : [$"{name}: one of the two is missing"]);
            return;
        }

        if (!TagList.TryParse(Encoding.UTF8.GetBytes(text), out var theirs, out var reason)
            || !TagList.TryParse(header.Body(header.Find(name)[0]), out var ours, out reason))
        {
            problems.Add($"{name}: {reason}");
            return;
        }

        problems.AddRange(theirs!.Names.Union(ours!.Names)
            .Where(tag => Bare(theirs[tag]) != Bare(ours[tag]))
            .Select(tag => $"{name} {tag}= is '{Bare(ours[tag])}', not '{Bare(theirs[tag])}'"));
    }

    private static void CompareText(List<string> problems, string name, HeaderSection header, SuiteNode? wanted)
    {
        var places = header.Find(name);
        var ours = places.Count == 0 ? "" : Encoding.UTF8.GetString(header.Body(places[0]));
        if (Bare(ours) != Bare(wanted?.Text ?? ""))
        {
            problems.Add($"{name} is '{ours.Trim()}'");
        }
    }

    private static string Bare(string? text) => string.Concat((text ?? "").Where(static c => !char.IsWhiteSpace(c)));

    // Suites have lines that end in LF.
    private static ReadOnlySequence<byte> Message(SuiteNode test) =>
        new(Encoding.UTF8.GetBytes((test["message"]?.Text ?? "").ReplaceLineEndings("\r\n")));
}
