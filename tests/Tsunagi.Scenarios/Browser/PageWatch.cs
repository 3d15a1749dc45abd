using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>Listens to a page for what must never happen: errors in the console, requests to elsewhere, breaches of the content policy.</summary>
public sealed class PageWatch
{
    private readonly List<string> _complaints = [];

    public PageWatch(IPage page, string address, IReadOnlySet<int>? allowedStatus = null)
    {
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !IsAllowed(message.Text, allowedStatus))
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
