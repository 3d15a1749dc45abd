using System.Net;
using Tsunagi.Protocols.Mail.Spf;

namespace Tsunagi.Mail.Conformance;

/// <summary>
/// Runs a suite in the format of the openspf.org test suite for RFC 7208: documents of tests (helo, host, mailfrom, result as one or several,
/// explanation) over zone data.
/// </summary>
internal static class SpfSuite
{
    public static async Task<IReadOnlyList<SuiteCase>> RunAsync(string yaml, CancellationToken cancellationToken)
    {
        var cases = new List<SuiteCase>();
        foreach (var document in SuiteNode.ReadAll(yaml))
        {
            var zone = ZoneFile.From(document);
            foreach (var (name, test) in document["tests"]?.Members ?? [])
            {
                cases.Add(await RunAsync(name, test, zone, cancellationToken));
            }
        }

        return cases;
    }

    private static async Task<SuiteCase> RunAsync(string name, SuiteNode test, ZoneFile zone, CancellationToken cancellationToken)
    {
        var query = new SpfQuery
        {
            ClientAddress = IPAddress.Parse(test["host"]?.Text ?? ""),
            HeloName = test["helo"]?.Text ?? "",
            Sender = test["mailfrom"]?.Text ?? "",
        };
        var result = await SpfCheck.RunAsync(query, zone, null, cancellationToken);
        var wanted = test["result"]?.Texts ?? [];
        var got = result.Verdict.ToString().ToLowerInvariant();
        var passed = wanted.Contains(got, StringComparer.OrdinalIgnoreCase);

        // DEFAULT stands for whatever a receiver says when the domain says nothing.
        if (test["explanation"]?.Text is { } explanation)
        {
            var own = result.Explanation ?? "DEFAULT";
            passed &= own == explanation;
            return new SuiteCase(name, passed, $"{string.Join(" or ", wanted)}: {explanation}", $"{got}: {own}", result.Reason);
        }

        return new SuiteCase(name, passed, string.Join(" or ", wanted), got, result.Reason);
    }
}
