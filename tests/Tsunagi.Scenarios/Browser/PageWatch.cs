using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>Listens to a page for what must never happen: errors in the console, requests to elsewhere, breaches of the content policy.</summary>
public sealed class PageWatch
{
    private readonly List<string> _complaints = [];

    public PageWatch(IPage page, string address, IReadOnlySet<int>? allowedStatus = null)
    {
        Allowed = allowedStatus;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !IsAllowed(message.Text, Allowed) && !message.Text.Contains(Arrival.NetworkChanged, StringComparison.Ordinal))
            {
                Note($"console {message.Type}: {message.Text}");
            }
        };
        page.PageError += (_, error) => Note($"script error: {error}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(address, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                Note($"request to elsewhere: {request.Url}");
            }
        };
    }

    /// <summary>What the browser may report as a failed load.</summary>
    public IReadOnlySet<int>? Allowed { get; set; }

    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_complaints)
            {
                return [.. _complaints];
            }
        }
    }

    /// <summary>The complaints since the last call.</summary>
    public IReadOnlyList<string> Take()
    {
        lock (_complaints)
        {
            IReadOnlyList<string> taken = [.. _complaints];
            _complaints.Clear();
            return taken;
        }
    }

    private void Note(string complaint)
    {
        lock (_complaints)
        {
            _complaints.Add(complaint);
        }
    }

    // A page that is meant to answer 404 is reported by the browser as a failed load; so is a form's 422.
    private static bool IsAllowed(string text, IReadOnlySet<int>? status) => status?.Any(code => text.Contains($"status of {code}", StringComparison.Ordinal)) ?? false;
}
