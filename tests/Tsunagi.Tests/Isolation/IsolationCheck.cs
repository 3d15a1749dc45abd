using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Tests.Host;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Tests.Isolation;

/// <summary>A page or route that is read.</summary>
/// <param name="IsThing">It shows one thing of the owner's: others get 404. Else it answers everybody, each with what is theirs.</param>
internal sealed record ReadCase(string Pattern, string Path, bool IsThing)
{
    /// <summary>The provider's operators alone may: those who look elsewhere are asked.</summary>
    public bool IsOfOperators { get; init; }

    /// <summary>The provider and resellers may: the owner, a customer, may not; its reseller sees its name in some of them, and another reseller nothing.</summary>
    public bool IsOfResellers { get; init; }

    /// <summary>Who must see nothing of it.</summary>
    public IReadOnlyDictionary<string, TestApi> AskersIn(IsolationWorld world) => IsOfOperators ? world.Elsewhere : world.Others;
}

/// <summary>What came back.</summary>
internal sealed record IsolationAnswer(HttpStatusCode Status, string Text)
{
    public bool IsOk => (int)Status is >= 200 and < 400;
}

/// <summary>Asks every route as everyone who must learn nothing, and says what they learned.</summary>
internal static partial class IsolationCheck
{
    private static readonly TimeSpan StreamSilence = TimeSpan.FromMilliseconds(500);

    /// <summary>Every route that is read, and those nobody wrote a case for.</summary>
    public static (IReadOnlyList<ReadCase> Cases, IReadOnlyList<string> Missing) Reads(IsolationWorld world)
    {
        var cases = new List<ReadCase>();
        var missing = new List<string>();
        foreach (var (_, pattern) in world.Routes().Where(static route => route.Method == "GET" && !IsolationCases.OfNobody.ContainsKey("GET " + route.Pattern)))
        {
            if (IsolationCases.OfResellers.Contains(pattern))
            {
                continue;
            }

            if (pattern == "/console/tables/{id}.csv")
            {
                cases.AddRange(world.Node.Services.GetServices<TableRegistration>().Where(static table => !IsolationCases.TablesOfNobody.Contains(table.Id)).SelectMany(table => (string[])[$"/console/tables/{table.Id}.csv", $"/console/tables/{table.Id}.csv?c.tenant={world.Things["tenant"]}"])
                    .Select(path => new ReadCase(pattern, path, IsThing: false)));
            }
            else if (world.Fill(pattern) is (string path, _))
            {
                cases.Add(new ReadCase(pattern, path, pattern.Contains('{')));
            }
            else
            {
                missing.Add($"GET {pattern}: the test has no {world.Fill(pattern).Missing}");
            }
        }

        cases.AddRange(IsolationCases.ThingsInQuery.Select(pattern => new ReadCase(pattern, pattern.Replace("{tenant}", world.Things["tenant"], StringComparison.Ordinal)
            .Replace("{subscription}", world.Things["subscription"], StringComparison.Ordinal).Replace("{signedDomain}", world.Things["signedDomain"], StringComparison.Ordinal).Replace("{shop}", world.Things["shop"], StringComparison.Ordinal), IsThing: true)));
        cases.AddRange(IsolationCases.OfOperators.Select(pattern => new ReadCase(pattern, world.Fill(pattern).Path!, pattern.Contains('{')) { IsOfOperators = true }));
        cases.AddRange(IsolationCases.Reports().Select(static path => new ReadCase(path, path, IsThing: false) { IsOfResellers = true }));
        cases.AddRange(IsolationCases.Lists(world).Select(static path => new ReadCase(path, path, IsThing: false)));
        return (cases, missing);
    }

    /// <summary>The writing routes nobody wrote a request for.</summary>
    public static IReadOnlyList<string> WritesWithoutCase(IsolationWorld world)
    {
        var known = IsolationCases.Writes(world).Select(static write => write.Key).ToHashSet();
        return
        [
            .. world.Routes().Where(static route => route.Method != "GET").Select(static route => $"{route.Method} {route.Pattern}")
                .Where(route => !known.Contains(route) && !IsolationCases.OfNobody.ContainsKey(route)).Select(static route => route + ": no case"),
            .. known.Concat(IsolationCases.OfNobody.Keys).Where(key => !world.Routes().Any(route => $"{route.Method} {route.Pattern}" == key)).Select(static key => key + ": no such route"),
        ];
    }

    /// <summary>What the owner cannot read of its own.</summary>
    public static async Task<List<string>> OwnerReadsAsync(IsolationWorld world, IEnumerable<ReadCase> reads)
    {
        var wrong = new List<string>();
        foreach (var read in reads)
        {
            world.Node.TakeFaults();
            var answer = await GetAsync(read.IsOfOperators ? world.Node.Operator : world.Owner, read.Path);
            if (read.IsOfResellers)
            {
                if (answer.Status != HttpStatusCode.NotFound)
                {
                    wrong.Add($"{read.Path}: a customer gets {(int)answer.Status}");
                }

                continue;
            }

            if (read.IsThing ? answer.Status != HttpStatusCode.OK : !answer.IsOk)
            {
                wrong.Add($"{read.Path}: the owner gets {(int)answer.Status} {world.Node.TakeFaults()}");
            }
        }

        return wrong;
    }

    /// <summary>What each other tenant learns from one route that is read.</summary>
    public static async Task<List<string>> LeaksAsync(IsolationWorld world, ReadCase read)
    {
        var leaks = new List<string>();
        foreach (var (name, api) in read.AskersIn(world))
        {
            var answer = await GetAsync(api, read.Path);
            if (read.IsThing)
            {
                if (answer.Status != HttpStatusCode.NotFound)
                {
                    leaks.Add($"GET {read.Path}: {name} gets {(int)answer.Status}");
                }
            }
            else if (Shown(world, read.Path, answer) is { } secret)
            {
                leaks.Add($"GET {read.Path}: {name} sees {secret}");
            }
            else if (world.Before.TryGetValue((name, read.Path), out var before) && FiguresOf(read.Path, answer.Text) is var now && now != before)
            {
                leaks.Add($"GET {read.Path}: {name} counts {now} where it counted {before}");
            }
        }

        return leaks;
    }

    /// <summary>What each other tenant can do with the owner's thing, or learns by trying.</summary>
    public static async Task<List<string>> LeaksAsync(IsolationWorld world, WriteCase write)
    {
        var leaks = new List<string>();
        foreach (var (name, api) in world.Others)
        {
            var (answer, path) = await SendAsync(world, api, write);
            if (write.Shows ? Shown(world, path, answer) is not null : answer.Status != HttpStatusCode.NotFound)
            {
                leaks.Add($"{write.Method} {path}: {name} gets {(int)answer.Status} {answer.Text[..Math.Min(200, answer.Text.Length)]}");
            }
        }

        return leaks;
    }

    /// <summary>What the owner (or where only they may, the provider's operator) cannot do with its own.</summary>
    public static async Task<string?> OwnerWritesAsync(IsolationWorld world, WriteCase write)
    {
        var (answer, path) = await SendAsync(world, write.ByOperator ? world.Node.Operator : world.Owner, write);
        return (int)answer.Status is >= 200 and < 300 || (int)answer.Status == write.OwnerMayGet
            ? null
            : $"{write.Method} {path}: the owner gets {(int)answer.Status} {answer.Text[..Math.Min(300, answer.Text.Length)]} {world.Node.TakeFaults()}";
    }

    /// <summary>What the others' pages count, by asker and path.</summary>
    public static async Task<IReadOnlyDictionary<(string Name, string Path), string>> FiguresAsync(IsolationWorld world)
    {
        var figures = new Dictionary<(string, string), string>();
        foreach (var pattern in world.Routes().Where(static route => route.Method == "GET" && HasFigures(route.Pattern)).Select(static route => route.Pattern))
        {
            foreach (var (name, api) in world.Others)
            {
                figures[(name, pattern)] = FiguresOf(pattern, (await GetAsync(api, pattern)).Text);
            }
        }

        return figures;
    }

    /// <summary>What an answer says, without what differs each time.</summary>
    public static string Settled(string text) => Passing().Replace(text, "");

    public static async Task<IsolationAnswer> GetAsync(TestApi api, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (path.EndsWith("/stream", StringComparison.Ordinal))
        {
            request.Headers.Add("Last-Event-ID", "0");
        }

        using var response = await api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return new IsolationAnswer(response.StatusCode, path.EndsWith("/stream", StringComparison.Ordinal) ? await StreamAsync(response) : await response.Content.ReadAsStringAsync());
    }

    public static async Task<(IsolationAnswer Answer, string Path)> SendAsync(IsolationWorld world, TestApi api, WriteCase write)
    {
        var (path, without) = world.Fill(write.Pattern, write.Instead);
        Assert.True(path is not null, $"{write.Key}: the test has no {without}");
        using var request = new HttpRequestMessage(new HttpMethod(write.Method), path);
        if (write.Body is Dictionary<string, string> form)
        {
            request.Headers.Add("X-Tsunagi-Act", "1");
            request.Content = new FormUrlEncodedContent([.. form, KeyValuePair.Create("__RequestVerificationToken", await FormTokenAsync(api))]);
        }
        else if (write.Body is string csv)
        {
            request.Content = new StringContent(csv, Encoding.UTF8, "text/csv");
        }
        else if (write.Body is not null)
        {
            request.Content = JsonContent.Create(write.Body, write.Body.GetType(), options: JsonSerializerOptions.Web);
        }

        using var response = await api.Http.SendAsync(request);
        return (new IsolationAnswer(response.StatusCode, await response.Content.ReadAsStringAsync()), path);
    }

    /// <summary>What the forms of the asker's session carry against forged ones.</summary>
    public static async Task<string> FormTokenAsync(TestApi api)
    {
        if (api.FormToken is null)
        {
            var page = (await GetAsync(api, "/console/settings")).Text;
            var token = FormToken().Match(page);
            Assert.True(token.Success, "the page has no form token:\n" + page);
            api.FormToken = token.Groups["token"].Value;
        }

        return api.FormToken;
    }

    /// <summary>A name or id of the owner's in the answer. What the asker wrote itself is no secret.</summary>
    private static string? Shown(IsolationWorld world, string path, IsolationAnswer answer)
    {
        var text = WebUtility.HtmlDecode(answer.Text).Replace("\\u0027", "'", StringComparison.Ordinal);
        var asked = Uri.UnescapeDataString(path);
        return answer.IsOk ? world.Secrets.FirstOrDefault(secret => text.Contains(secret, StringComparison.Ordinal) && !asked.Contains(secret, StringComparison.Ordinal)) : null;
    }

    private static bool HasFigures(string pattern) => pattern is "/console" or "/console/mail/queue" or "/api/v1/mail/queue";

    private static string FiguresOf(string path, string text) => path.StartsWith("/api/", StringComparison.Ordinal)
        ? text
        : string.Join(' ', Figure().Matches(text).Select(static match => match.Value));

    private static async Task<string> StreamAsync(HttpResponseMessage response)
    {
        await using var stream = await response.Content.ReadAsStreamAsync();
        var text = new StringBuilder();
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                using var silence = new CancellationTokenSource(StreamSilence, TimeProvider.System);
                var count = await stream.ReadAsync(buffer, silence.Token);
                if (count == 0)
                {
                    return text.ToString();
                }

                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
        }
        catch (OperationCanceledException)
        {
            return text.ToString();
        }
    }

    // A live figure of a tile, the values of a trend, those of a chart.
    [GeneratedRegex("(?<=data-live-text=\"[^\"]*\">)[^<]*|(?<=data-values=\")[^\"]*|(?<=&quot;values&quot;:\\[)[^\\]]*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Figure();

    // Tokens and keys of forms, moments and how long ago they were.
    [GeneratedRegex("(?<=name=\"(?:__RequestVerificationToken|key)\" value=\")[^\"]*|<time[^>]*>[^<]*</time>|\"traceId\":\"[^\"]*\"|data-chart=\"\\{&quot;x&quot;:\\[[^\\]]*\\]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Passing();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<token>[^\"]+)\"", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex FormToken();
}
