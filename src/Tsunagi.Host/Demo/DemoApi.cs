using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tsunagi.Host.Demo;

/// <summary>The demo's way to the program: the same API that everyone has, signed in as one user.</summary>
internal sealed class DemoApi(string url) : IDisposable
{
    private static readonly TimeSpan BusyFor = TimeSpan.FromSeconds(60);
    private readonly HttpClient _http = new(new SocketsHttpHandler { CookieContainer = new CookieContainer(), UseProxy = false })
    {
        BaseAddress = new Uri(url),
        Timeout = TimeSpan.FromSeconds(30),
    };

    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public Task<JsonNode> PostAsync(string path, object body, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, body, cancellationToken);

    public Task<JsonNode> PutAsync(string path, object body, CancellationToken cancellationToken) => SendAsync(HttpMethod.Put, path, body, cancellationToken);

    /// <summary>The status alone, for "may this one see it?".</summary>
    public async Task<HttpStatusCode> StatusAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync("/api/v1" + path, cancellationToken);
        return response.StatusCode;
    }

    /// <summary>Sets the password through a one-time link, which also signs in.</summary>
    public Task SetPasswordAsync(string linkPath, string password, CancellationToken cancellationToken) =>
        PostAsync("/session/password-link", new { token = linkPath[(linkPath.LastIndexOf('/') + 1)..], password }, cancellationToken);

    public Task SignInAsync(string email, string password, CancellationToken cancellationToken) => PostAsync("/session", new { email, password }, cancellationToken);

    public void Dispose() => _http.Dispose();

    /// <summary>Where too many sign in at this moment, it comes again when it was told to: on a busy machine, passwords are checked slowly.</summary>
    /// <exception cref="IOException">The program refused or did not answer; the message says what and why.</exception>
    private async Task<JsonNode> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await SendOnceAsync(method, path, body, cancellationToken);
            }
            catch (BusyException busy) when (TimeProvider.System.GetElapsedTime(started) < BusyFor)
            {
                await Task.Delay(busy.RetryAfter, TimeProvider.System, cancellationToken);
            }
        }
    }

    private async Task<JsonNode> SendOnceAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, "/api/v1" + path);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, options: JsonSerializerOptions.Web);
        }

        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
            }

            var refused = $"{method} {path}: {(int)response.StatusCode} {text}";
            throw text.Contains("\"sign-in.busy\"", StringComparison.Ordinal) && response.Headers.RetryAfter?.Delta is { } after ? new BusyException(refused, after) : new IOException(refused);
        }
        catch (HttpRequestException e)
        {
            throw new IOException($"{method} {path}: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"{method} {path}: no answer within {_http.Timeout.TotalSeconds:0} s", e);
        }
    }

    private sealed class BusyException(string message, TimeSpan retryAfter) : IOException(message)
    {
        public TimeSpan RetryAfter => retryAfter;
    }
}
