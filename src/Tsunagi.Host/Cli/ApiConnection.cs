using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Host.Cli;

/// <summary>The CLI's way to the API: sends the token, tells a person that a call takes long, turns answers that are no success into what the verb ends with.</summary>
internal sealed class ApiConnection(CliEnvironment environment, CliSettings settings) : DelegatingHandler(environment.Connect())
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(100);

    public static HttpClient Open(CliEnvironment environment, CliSettings settings) =>
        new(new ApiConnection(environment, settings)) { BaseAddress = new Uri(settings.Url + "/"), Timeout = Timeout.InfiniteTimeSpan };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Headers.Authorization is null && settings.Token is { } token && !request.Headers.Contains("Cookie"))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var deadline = new CancellationTokenSource(Deadline, environment.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        HttpResponseMessage response;
        try
        {
            response = await WatchAsync(base.SendAsync(request, linked.Token));
        }
        catch (HttpRequestException e)
        {
            throw new ProgramAwayException(
                $"cannot reach the program at {settings.Url}: {e.GetBaseException().Message}\nIs it running? Start it with \"tsunagi run\", or say where it is: --url, TSUNAGI_URL, or url in {settings.Home.ConfigFile}", e);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            throw new ProgramAwayException($"the program at {settings.Url} did not answer within {Deadline.TotalSeconds:0} seconds", e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw Failed(response, await response.Content.ReadAsStringAsync(cancellationToken));
        }
    }

    private async Task<HttpResponseMessage> WatchAsync(Task<HttpResponseMessage> call)
    {
        if (!environment.IsTerminal || !environment.CanAsk)
        {
            return await call;
        }

        var started = environment.Time.GetTimestamp();
        var shown = false;
        while (await Task.WhenAny(call, Task.Delay(shown ? TimeSpan.FromSeconds(1) : Slow, environment.Time, CancellationToken.None)) != call)
        {
            shown = true;
            await environment.Error.WriteAsync($"\rwaiting for {settings.Url} ... {environment.Time.GetElapsedTime(started).TotalSeconds:0} s ");
        }

        if (shown)
        {
            await environment.Error.WriteAsync("\r" + new string(' ', settings.Url.Length + 30) + "\r");
        }

        return await call;
    }

    private ApiFailedException Failed(HttpResponseMessage response, string text)
    {
        JsonObject? problem = null;
        try
        {
            problem = text.Length == 0 ? null : JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            // Something between us and the program answered; its status is all there is.
        }

        var status = (int)response.StatusCode;
        var message = problem is null ? $"the program at {settings.Url} answered {status}" : Told(problem);
        return new ApiFailedException(status, problem, status switch
        {
            401 when settings.Token is null =>
                $"{message}\nYou are nobody to the program yet: run \"tsunagi sign-in\", or give --token or TSUNAGI_TOKEN. On its own machine the owner of the data directory needs none (--data DIR).",
            401 => $"{message}\nThe token is not valid any more: run \"tsunagi sign-in\", or make one in the console (Users and tokens).",
            412 => $"{message}\nRead it again and repeat the change.",
            429 or 503 when problem.Text("retryAfterSeconds") is { Length: > 0 } seconds => $"{message}\nTry again in {seconds} seconds.",
            >= 500 => $"{message}\nThe program's log says more under {problem.Text("correlation")}.",
            _ => message,
        });
    }

    private static string Told(JsonObject problem)
    {
        static string One(JsonNode? error) =>
            (error.Text("field") is { Length: > 0 } field ? field + ": " : "") + error.Text("detail") + (error.Text("allowed") is { Length: > 0 } allowed ? $" (allowed: {allowed})" : "");
        return problem["errors"] is JsonArray { Count: > 1 } errors ? string.Join('\n', errors.Select(One)) : One(problem);
    }
}
