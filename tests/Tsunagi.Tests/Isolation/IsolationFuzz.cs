using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Tests.Host;

namespace Tsunagi.Tests.Isolation;

/// <summary>
/// Asks at random, as those who must learn nothing: any route, with the owner's ids in any place and form, filters, orders, pages and headers that nobody thought of, and bodies that name the owner's things. Whatever
/// the status of an answer, it holds nothing of the owner's that the asker did not write itself, and nothing fails inside. One seed asks the same each time.
/// </summary>
internal sealed class IsolationFuzz
{
    // What would end the asker's own session, or waits for what is to come.
    private static readonly IReadOnlyList<string> Left = ["session", "sign-in", "sign-out", "link", "settings", "live", "stream", "_framework", "preferences", "password-link"];

    private readonly IsolationWorld _world;
    private readonly Random _random;
    private readonly TestApi _asker;
    private readonly string _name;
    private readonly IReadOnlyList<string> _reads;
    private readonly IReadOnlyList<(string Method, string Pattern)> _writes;
    private readonly IReadOnlyDictionary<string, object?> _bodies;
    private readonly IReadOnlyList<string> _secrets;
    private readonly IReadOnlyList<string> _things;
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, int> _statuses = [];

    private readonly bool _writesToo;

    private IsolationFuzz(IsolationWorld world, string name, TestApi asker, int seed, bool writesToo = true)
    {
        (_world, _name, _asker, _random, _writesToo) = (world, name, asker, new Random(seed), writesToo);
        var routes = world.Routes().Where(static route => !route.Pattern.Split('/').Any(Left.Contains)).ToList();
        _reads = [.. routes.Where(static route => route.Method == "GET").Select(static route => route.Pattern)];
        _writes = [.. routes.Where(static route => route.Method != "GET")];
        _bodies = IsolationCases.Writes(world).GroupBy(static write => write.Key).ToDictionary(static group => group.Key, static group => group.First().Body);
        _secrets = world.Secrets;
        _things = [.. world.Things.Values.Concat(["owner.example", "Owner's", "198.18.7.1", "b@owner.example", "Owner's mail"]).Distinct()];
    }

    /// <summary>What everyone who must see nothing learns or breaks, asking so many times each.</summary>
    /// <param name="statuses">How often each status came is added there.</param>
    public static async Task<IReadOnlyList<string>> AllAsync(IsolationWorld world, int seed, int times, IDictionary<int, int> statuses, CancellationToken cancellationToken)
    {
        var askers = world.Others.OrderBy(static other => other.Key, StringComparer.Ordinal).Select((other, i) => new IsolationFuzz(world, other.Key, other.Value, (seed * 1_000) + i)).ToList();
        var wrong = await Task.WhenAll(askers.Select(asker => asker.AskAsync(times, cancellationToken)));
        foreach (var (status, count) in askers.SelectMany(static asker => asker._statuses))
        {
            statuses[status] = (statuses.TryGetValue(status, out var before) ? before : 0) + count;
        }

        return [.. wrong.SelectMany(static each => each)];
    }

    /// <summary>What the owner sees of its own by the same questions, reading only: if that were nothing, the others' nothing would say nothing.</summary>
    public static async Task<IReadOnlyList<string>> OwnerAsync(IsolationWorld world, int seed, int times, CancellationToken cancellationToken) =>
        await new IsolationFuzz(world, "owner", world.Owner, seed, writesToo: false).AskAsync(times, cancellationToken);

    /// <summary>Asks so many times, and says what was learned or broken.</summary>
    private async Task<List<string>> AskAsync(int times, CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        await IsolationCheck.FormTokenAsync(_asker);
        for (var i = 0; i < times && wrong.Count < 20; i++)
        {
            using var request = _writesToo && _random.Next(4) == 0 ? Write() : Read();
            var asked = await AskedAsync(request, cancellationToken);
            using var response = await _asker.Http.SendAsync(request, cancellationToken);
            var text = WebUtility.HtmlDecode(Head(response) + await response.Content.ReadAsStringAsync(cancellationToken)).Replace("\\u0027", "'", StringComparison.Ordinal);
            var status = (int)response.StatusCode;
            _statuses[status] = _statuses.GetValueOrDefault(status) + 1;
            var mine = _secrets.Where(secret => asked.Contains(secret, StringComparison.OrdinalIgnoreCase)).ToHashSet(StringComparer.Ordinal);
            if (_secrets.FirstOrDefault(secret => text.Contains(secret, StringComparison.Ordinal) && !mine.Contains(secret) && !_written.Contains(secret)) is { } secret)
            {
                wrong.Add($"{_name} sees {secret}: {status} to {asked}");
            }

            if (status >= 500)
            {
                wrong.Add($"{_name} breaks it: {status} to {asked}: {_world.Node.TakeFaults()}");
            }

            // What an asker put where it may write stands there afterwards: into a thing it made or changed, or, by a form, where it is led to then.
            if (request.Method != HttpMethod.Get && (status is >= 200 and < 300 || (status == 303 && request.Content is FormUrlEncodedContent)))
            {
                var body = Uri.UnescapeDataString((await request.Content!.ReadAsStringAsync(cancellationToken)).Replace('+', ' '));
                _written.UnionWith(mine.Where(secret => body.Contains(secret, StringComparison.OrdinalIgnoreCase)));
            }
        }

        return wrong;
    }

    private HttpRequestMessage Read()
    {
        var path = Path(_reads[_random.Next(_reads.Count)]) + Query();
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (_random.Next(6) == 0)
        {
            var (name, value) = _random.Next(6) switch
            {
                0 => ("X-Tsunagi-Tenant", Thing()), 1 => ("X-Forwarded-For", "127.0.0.1"), 2 => ("X-Original-URL", "/api/v1/tenants/" + _world.Things["tenant"]), 3 => ("If-None-Match", "*"), 4 => ("Range", "bytes=0-9"),
                _ => ("Accept", _random.Next(2) == 0 ? "text/csv" : "text/html"),
            };
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private HttpRequestMessage Write()
    {
        var (method, pattern) = _writes[_random.Next(_writes.Count)];
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Path(pattern) + (_random.Next(3) == 0 ? Query() : ""), UriKind.Relative));
        switch (_bodies.GetValueOrDefault($"{method} {pattern}"))
        {
            case Dictionary<string, string> form:
                request.Headers.Add("X-Tsunagi-Act", "1");
                request.Content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Key, _random.Next(3) == 0 ? Value() : Own(field.Value))).Append(KeyValuePair.Create("__RequestVerificationToken", _asker.FormToken!)));
                break;
            case string text:
                request.Content = new StringContent(_random.Next(3) == 0 ? Value() : Own(text), Encoding.UTF8, "text/csv");
                break;
            case var body:
                var json = JsonSerializer.SerializeToNode(body ?? new JsonObject(), JsonSerializerOptions.Web)!;
                request.Content = new StringContent(Turned(json).ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
                break;
        }

        return request;
    }

    /// <summary>The body with some of its words changed, and words it should not have.</summary>
    private JsonNode Turned(JsonNode node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var key in map.Select(static pair => pair.Key).ToList())
                {
                    map[key] = map[key] is { } inner ? Turned(inner.DeepClone()) : null;
                }

                if (_random.Next(5) == 0)
                {
                    map[Word()] = Value();
                }

                return map;
            case JsonArray list:
                return new JsonArray([.. list.Select(each => each is null ? null : Turned(each.DeepClone()))]);
            case JsonValue value when value.TryGetValue<string>(out var text):
                return _random.Next(3) == 0 ? Value() : Own(text);
            case JsonValue when _random.Next(4) == 0:
                return _random.Next(4) switch { 0 => -1, 1 => int.MaxValue, 2 => Value(), _ => 1e300 };
            default:
                return node;
        }
    }

    // The owner's names are the owner's: what the asker makes has names of its own, or it could not be told whose it sees.
    private static string Own(string text) => text.Replace("Owner's", "Asker's", StringComparison.Ordinal).Replace("owner.example", "asker.example", StringComparison.Ordinal);

    private string Path(string pattern) => "/" + string.Join('/', pattern.Split('/').Skip(1).Select(part => !part.StartsWith('{') ? part : Uri.EscapeDataString(
        _random.Next(3) > 0 && _world.Things.GetValueOrDefault(part.Trim('{', '}')) is { } thing ? Form(thing) : Value())));

    private string Query()
    {
        var words = Enumerable.Range(0, _random.Next(4)).Select(_ => $"{Word()}={Uri.EscapeDataString(_random.Next(4) switch { 0 => Number(), 1 => Sort(), _ => Value() })}").ToList();
        return words.Count == 0 ? "" : "?" + string.Join('&', words);
    }

    private string Word() => _random.Next(8) == 0 ? "c." + IsolationWords.Columns[_random.Next(IsolationWords.Columns.Count)] : IsolationWords.Parameters[_random.Next(IsolationWords.Parameters.Count)];

    private string Sort() => (_random.Next(2) == 0 ? "-" : "") + IsolationWords.Columns[_random.Next(IsolationWords.Columns.Count)];

    private string Number() => _random.Next(6) switch { 0 => "-1", 1 => "0", 2 => "1000000000", 3 => "99999999999999999999", 4 => "1e9", _ => _random.Next(1, 500).ToString(CultureInfo.InvariantCulture) };

    private string Thing() => _things[_random.Next(_things.Count)];

    private string Value() => _random.Next(8) switch { 0 => IsolationWords.Hostile[_random.Next(IsolationWords.Hostile.Count)], 1 => Number(), _ => Form(Thing()) };

    /// <summary>The text, or something that a careless comparison takes for it.</summary>
    private string Form(string text) => _random.Next(14) switch
    {
        0 => text.ToUpperInvariant(), 1 => text + "\0", 2 => " " + text + " ", 3 => "../" + text, 4 => text[..^1] + "%", 5 => text[..^1] + "_", 6 => text + "' OR '1'='1", 7 => text[..(text.Length / 2)], 8 => $"[\"{text}\"]",
        _ => text,
    };

    private static string Head(HttpResponseMessage response) => string.Join('\n', response.Headers.Concat(response.Content.Headers).SelectMany(static header => header.Value)) + "\n";

    private static async Task<string> AskedAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var headers = string.Join(' ', request.Headers.SelectMany(static header => header.Value));
        return $"{request.Method} {Uri.UnescapeDataString(request.RequestUri!.OriginalString)} {headers} {Uri.UnescapeDataString(body.Replace('+', ' ')).Replace("\\u0027", "'", StringComparison.Ordinal)}";
    }
}
