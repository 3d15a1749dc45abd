using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Tsunagi.Core.Identity;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Ui.Live;

/// <summary>
/// <c>GET /console/live?topics=figures,events</c>: server-sent events for one browser (its tabs share one by a SharedWorker). A comment every
/// 15 s keeps proxies from closing it; the stop of the program ends it, so a drain never waits for browsers.
/// </summary>
public static class LiveStream
{
    private const int MostTopics = 32;
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/console/live", StreamAsync).RequiresSignIn().ExcludeFromDescription();

    private static async Task StreamAsync(HttpContext http, ConsoleView view, LiveHub hub, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var topics = http.Request.Query["topics"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries).Take(MostTopics).ToHashSet();
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await http.Response.WriteAsync("retry: 2000\n\n", ending.Token);
            await http.Response.Body.FlushAsync(ending.Token);
            await CopyAsync(hub.ReadAsync(view.Caller.Scope, topics, LastId(http.Request), ending.Token), http.Response, time, ending);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // The browser left, or the program stops.
        }
    }

    private static async Task CopyAsync(IAsyncEnumerable<LiveMessage> source, HttpResponse response, TimeProvider time, CancellationTokenSource ending)
    {
        var messages = source.GetAsyncEnumerator(ending.Token);
        var next = messages.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                if (await Task.WhenAny(next, Task.Delay(KeepAlive, time, ending.Token)) != next)
                {
                    ending.Token.ThrowIfCancellationRequested();
                    await response.WriteAsync(": still here\n\n", ending.Token);
                }
                else if (await next)
                {
                    var message = messages.Current;
                    await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"id: {message.Id}\nevent: {message.Topic}\ndata: {message.Json.ReplaceLineEndings(" ")}\n\n"), ending.Token);
                    next = messages.MoveNextAsync().AsTask();
                }
                else
                {
                    return;
                }

                await response.Body.FlushAsync(ending.Token);
            }
        }
        finally
        {
            // The reader may only be closed when it has stopped waiting.
            await ending.CancelAsync();
            await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await messages.DisposeAsync();
        }
    }

    private static long? LastId(HttpRequest request)
    {
        var text = request.Headers["Last-Event-ID"].ToString();
        if (text.Length == 0)
        {
            text = request.Query["last"].ToString();
        }

        return long.TryParse(text, CultureInfo.InvariantCulture, out var id) ? id : null;
    }
}
