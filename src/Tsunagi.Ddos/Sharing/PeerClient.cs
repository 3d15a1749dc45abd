using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Tsunagi.Core.Outbound;
using Tsunagi.Protocols.Flow.Stix;
using Tsunagi.Protocols.Flow.Taxii;

namespace Tsunagi.Ddos.Sharing;

/// <summary>Asks and tells one peer's TAXII 2.1 server. Where the program may connect to, how long and how much is the outbound policy's; certificates are verified, and a redirect is an answer, not an order.</summary>
internal sealed class PeerClient(OutboundHttp http, SharingOptions options)
{
    /// <summary>What came after a time, one page.</summary>
    /// <param name="addedAfter">As the server told it last; empty for all.</param>
    public async ValueTask<PeerAnswer> ReadAsync(SharingPeer peer, string addedAfter, string? next, CancellationToken cancellationToken)
    {
        var query = new StringBuilder("?limit=").Append(options.MaxPage.ToString(CultureInfo.InvariantCulture));
        query.Append(addedAfter.Length > 0 ? "&added_after=" + Uri.EscapeDataString(addedAfter) : "").Append(next is not null ? "&next=" + Uri.EscapeDataString(next) : "");
        var answer = await SendAsync(peer, HttpMethod.Get, query.ToString(), null, cancellationToken);
        if (Problem(answer) is { } problem)
        {
            return new PeerAnswer(problem);
        }

        if (!TaxiiReader.TryReadEnvelope(answer.Body, null, out var envelope, out var error))
        {
            return new PeerAnswer("what it answered is no envelope of TAXII 2.1: " + error);
        }

        var last = answer.Headers!.TryGetValues("X-TAXII-Date-Added-Last", out var values) && StixTime.TryParse(values.FirstOrDefault(), out _) ? values.First() : null;
        return new PeerAnswer(null) { Envelope = envelope, LastAdded = last };
    }

    /// <summary>Sends what may go out, and nothing else can be given here.</summary>
    public async ValueTask<PeerAnswer> SendAsync(SharingPeer peer, Released released, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(peer, HttpMethod.Post, "", TaxiiWriter.Envelope(released.Objects, hasMore: false, next: null), cancellationToken);
        if (Problem(answer) is { } problem)
        {
            return new PeerAnswer(problem);
        }

        return TaxiiReader.TryReadStatus(answer.Body, null, out var status, out var error) ? new PeerAnswer(null) { Status = status } : new PeerAnswer("what it answered is no status of TAXII 2.1: " + error);
    }

    private async ValueTask<OutboundAnswer> SendAsync(SharingPeer peer, HttpMethod method, string query, byte[]? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, $"{peer.Url.TrimEnd('/')}/collections/{peer.Collection}/objects/{query}");
        request.Headers.TryAddWithoutValidation("Accept", TaxiiMedia.Taxii);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);

            // Letter for letter: a server may compare it so.
            request.Content.Headers.TryAddWithoutValidation("Content-Type", TaxiiMedia.Taxii);
        }

        if (peer.SecretFile.Length > 0)
        {
            // Read each time: a secret is changed by changing the file.
            string secret;
            try
            {
                secret = (await File.ReadAllLinesAsync(peer.SecretFile, cancellationToken)).FirstOrDefault()?.Trim() ?? "";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new OutboundAnswer(null, null, [], "the file with its secret cannot be read: " + e.Message);
            }

            request.Headers.Authorization = peer.User.Length > 0
                ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{peer.User}:{secret}")))
                : new AuthenticationHeaderValue("Bearer", secret);
        }

        return await http.SendAsync(request, cancellationToken);
    }

    private static string? Problem(OutboundAnswer answer)
    {
        if (answer.Problem is { } problem)
        {
            return problem;
        }

        if (answer.Ok)
        {
            return null;
        }

        var said = TaxiiReader.ReadError(answer.Body) is { } error ? $": {error.Title}{(error.Description is null ? "" : " (" + error.Description + ")")}" : "";
        return answer.Status switch
        {
            401 => "it does not take our token (401): renew it and put it into the secret file" + said,
            403 => "our token may not do that there (403)" + said,
            404 => "there is no such collection there, or it is not ours (404)" + said,
            >= 300 and < 400 => $"it sends us elsewhere ({answer.Status}), where we do not go by ourselves: put the right URL into the configuration",
            var status => $"it answered {status}{said}",
        };
    }
}

/// <summary>What came of asking or telling a peer. Exactly one of the members is set, beside when the last object was added.</summary>
internal sealed record PeerAnswer(string? Problem)
{
    public TaxiiEnvelope? Envelope { get; init; }

    /// <summary>As the server wrote it.</summary>
    public string? LastAdded { get; init; }

    public TaxiiStatus? Status { get; init; }
}
