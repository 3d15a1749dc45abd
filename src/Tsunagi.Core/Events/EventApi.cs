using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;

namespace Tsunagi.Core.Events;

/// <summary>/api/v1/events: the feed as pages, one event, and as a stream of server-sent events that resumes after Last-Event-ID.</summary>
public static class EventApi
{
    private const string Read = "core.event.read";
    private const int StreamBatch = 200;
    private static readonly TimeSpan StreamPoll = TimeSpan.FromSeconds(2);

    public static void Map(RouteGroupBuilder api)
    {
        var events = api.MapGroup("/events").WithTags("Events");
        events.MapGet("/", ListAsync).Requires(Read).WithName("listEvents").WithSummary("Events, newest first");
        events.MapGet("/stream", StreamAsync).Requires(Read).WithName("streamEvents")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream").WithSummary("New events as they come (text/event-stream)");
        events.MapGet("/types", Types).Requires(Read).WithName("listEventTypes").WithSummary("Every type of event, what it means and what to do");
        events.MapGet("/{event}", FindAsync).Requires(Read).WithName("getEvent").WithSummary("One event");
    }

    private static async Task<ApiResult<Page<FeedEvent>>> ListAsync(
        HttpContext http, EventFeed feed, [AsParameters] PageRequest page, EventSeverity? severity, string? type, string? subject, CancellationToken cancellationToken)
    {
        if (page.After("events", long.MaxValue, out var before) is { } refusal)
        {
            return refusal;
        }

        var caller = http.GetCaller();
        var rows = subject is null
            ? await feed.PageAsync(caller, before, page.Size + 1, severity ?? EventSeverity.Info, type, cancellationToken)
            : await feed.OfSubjectAsync(caller, subject, PageRequest.MaxLimit, cancellationToken);
        return subject is null
            ? Page.Of(rows, page.Size, "events", static e => e.Position.ToString(CultureInfo.InvariantCulture))
            : new Page<FeedEvent>(rows, null);
    }

    private static async Task<ApiResult<FeedEvent>> FindAsync(HttpContext http, EventFeed feed, string @event, CancellationToken cancellationToken) =>
        ApiResult.Found(await feed.FindAsync(http.GetCaller(), @event, cancellationToken), "event", @event);

    private static ApiResult<Page<EventTypeView>> Types(HttpContext http, EventCatalogue catalogue)
    {
        var locale = http.GetCaller().Locale;
        return new Page<EventTypeView>([.. catalogue.All.Select(d => new EventTypeView(d.Type, d.Severity, d.Meaning.In(locale), d.NextStep?.In(locale)))], null);
    }

    private static IResult StreamAsync(HttpContext http, EventFeed feed, EventSignal signal, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        http.Response.RegisterForDispose(stop);
        var after = long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : (long?)null;
        return TypedResults.ServerSentEvents(ReadAsync(http.GetCaller(), feed, signal, time, after, stop.Token));
    }

    /// <summary>Reads batches as they come; a drain or a client that left ends the stream without an error.</summary>
    private static async IAsyncEnumerable<SseItem<string>> ReadAsync(
        Caller caller, EventFeed feed, EventSignal signal, TimeProvider time, long? last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = last ?? await feed.LastPositionAsync(CancellationToken.None);
        while (!cancellationToken.IsCancellationRequested)
        {
            var next = signal.Next;
            var batch = await feed.AfterAsync(caller, after, StreamBatch, CancellationToken.None);
            foreach (var item in batch)
            {
                after = item.Position;
                yield return new SseItem<string>(JsonSerializer.Serialize(item, ApiJson.Options), "event") { EventId = item.Position.ToString(CultureInfo.InvariantCulture) };
            }

            if (batch.Count == 0)
            {
                await Task.WhenAny(next, Task.Delay(StreamPoll, time, cancellationToken));
            }
        }
    }
}

/// <summary>A type of event as the API shows it.</summary>
public sealed record EventTypeView(string Type, EventSeverity Severity, string Meaning, string? NextStep);
