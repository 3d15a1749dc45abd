using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Tsunagi.Protocols.Flow.Taxii;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Sharing;

/// <summary>A node that shares with others, and a TAXII client that knows nothing of it but the URL and a token.</summary>
internal sealed class SharingNode : IAsyncDisposable
{
    private readonly TemporaryDirectory _secrets;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    private SharingNode(DdosNode world, TemporaryDirectory secrets) => (World, _secrets) = (world, secrets);

    public DdosNode World { get; }

    public string Root => World.Node.Url + "/taxii2/api/";

    /// <param name="peers">JSON of its peers.</param>
    public static async Task<SharingNode> StartAsync(string organisation, string peers = "[]", string? postgres = null, TemporaryDirectory? secrets = null)
    {
        var world = await DdosNode.StartAsync(
            new Dictionary<string, string>
            {
                ["ddos.sharing"] = $$"""
                    {"organisation":"{{organisation}}","allow":["198.51.100.0/24"],"peers":{{peers}},"groups":[
                      {"name":"isps","audience":"listed","readers":["reader","both"],"writers":["writer","both"]},
                      {"name":"world","audience":"public","readers":["reader"],"writers":["writer"]},
                      {"name":"own","audience":"own","readers":["inside"],"writers":["inside"]}]}
                    """,
            },
            postgres: postgres);
        return new SharingNode(world, secrets ?? new TemporaryDirectory());
    }

    /// <summary>A token that an operator made for a peer.</summary>
    public async Task<string> TokenAsync(string name, string permission = "ddos.taxii.use") =>
        (string)(await World.Node.Operator.PostAsync("/tokens", new { name, permissions = new[] { permission } }))["secret"]!;

    /// <summary>How the configuration names this node as a peer.</summary>
    public async Task<string> PeerAsync(string name, string token, TemporaryDirectory secrets, bool poll, bool push)
    {
        var file = Path.Combine(secrets.Path, name + ".token");
        await File.WriteAllTextAsync(file, await TokenAsync(token) + "\n");
        return $$"""{"name":"{{name}}","group":"isps","url":"{{Root}}","collection":"isps","secretFile":"{{file}}","poll":{{(poll ? "true" : "false")}},"push":{{(push ? "true" : "false")}},"every":"00:00:01"}""";
    }

    /// <summary>An attack until there is an incident; its id.</summary>
    public async Task<string> AttackAsync()
    {
        await World.AttackUntilAsync(async () => (await World.IncidentsAsync()).FirstOrDefault() is { } incident && ((JsonArray)incident["topSources"]!).Count > 0);
        return (string)(await World.IncidentsAsync())[0]!["id"]!;
    }

    public async Task<(HttpResponseMessage Response, JsonNode Body)> AskAsync(
        string path, string? token, string? accept = TaxiiMedia.Taxii, byte[]? body = null, string? contentType = TaxiiMedia.Taxii, bool basic = false)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, World.Node.Url + "/taxii2/" + path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (token is not null)
        {
            request.Headers.Authorization = basic ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("any:" + token))) : new AuthenticationHeaderValue("Bearer", token);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        var response = await _http.SendAsync(request);

        // As it is on the wire: once the client has parsed it, it has a blank in it.
        Assert.Equal(TaxiiMedia.Taxii, response.Content.Headers.NonValidated["Content-Type"].ToString());
        var text = await response.Content.ReadAsStringAsync();
        return (response, JsonNode.Parse(text)!);
    }

    public async Task<HttpStatusCode> StatusAsync(string path, string? token, string? accept = TaxiiMedia.Taxii, byte[]? body = null, string? contentType = TaxiiMedia.Taxii)
    {
        var (response, error) = await AskAsync(path, token, accept, body, contentType);
        if (!response.IsSuccessStatusCode)
        {
            Assert.Equal(((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture), (string)error["http_status"]!);
            Assert.NotEmpty((string)error["title"]!);
        }

        return response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await World.DisposeAsync();
        _secrets.Dispose();
    }
}
