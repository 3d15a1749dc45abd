using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Tsunagi.Mail.Beside;
using Tsunagi.Mail.Contract;

namespace Tsunagi.Mail.Checkv2;

/// <summary>
/// Where Rspamd's protocol enters ("POST /checkv2", of its proxy "GET /checkv2"; docs of Rspamd: "Protocol"). Its walk: (1) who asks is allowed; (2) the envelope is read from the request's fields (From, Rcpt,
/// Deliver-To, IP, Helo, User); (3) the request's content is given to the message (<see cref="BesideMessage"/>, where the walk goes on) piece by piece; (4) at its end it is judged, (5) and the
/// answer is said in Rspamd's words (<see cref="Checkv2Answer"/>). "GET /ping" is answered for those who look whether we live.
/// </summary>
internal sealed partial class Checkv2Server(BesideServices services, ILogger<Checkv2Server> log)
{
    private readonly Checkv2ListenOptions _options = services.Options.Checkv2;

    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            await AnswerAsync(http);
        }
        catch (BadHttpRequestException bad)
        {
            await RefuseAsync(http, bad.StatusCode, bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? string.Create(CultureInfo.InvariantCulture, $"the message has more than {_options.MaxMessageBytes} octets") : "the request cannot be read");
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The server left or was too slow: it takes its mail by its own default.
            http.Abort();
        }
        catch (Exception ours)
        {
            LogFailed(log, http.Connection.RemoteIpAddress?.ToString() ?? "", ours);
            await RefuseAsync(http, StatusCodes.Status500InternalServerError, "an error of ours");
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        // (1)
        var peer = RelayNetwork.Plain(http.Connection.RemoteIpAddress ?? IPAddress.None);
        if (!_options.Allow.Any(network => network.Contains(peer)))
        {
            await RefuseAsync(http, StatusCodes.Status403Forbidden, $"{peer} is not among mail.checkv2.allow");
            return;
        }

        var request = http.Request;
        if (request.Path == "/ping")
        {
            await http.Response.WriteAsync("pong\r\n", http.RequestAborted);
            return;
        }

        if (request.Path != "/checkv2")
        {
            await RefuseAsync(http, StatusCodes.Status404NotFound, "there is /checkv2 and /ping");
            return;
        }

        // Rspamd's proxy says GET, and sends the message all the same.
        var hasContent = request.ContentLength is > 0 || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };
        if (!HttpMethods.IsPost(request.Method) && !(HttpMethods.IsGet(request.Method) && hasContent))
        {
            await RefuseAsync(http, StatusCodes.Status405MethodNotAllowed, "a message is posted");
            return;
        }

        if (request.Headers.ContainsKey("Compression") || request.Headers.ContentEncoding.Count > 0 || request.Headers.ContainsKey("Key"))
        {
            await RefuseAsync(http, StatusCodes.Status415UnsupportedMediaType, "messages are taken as they are: without compression and without Rspamd's encryption");
            return;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = _options.MaxMessageBytes;
        }

        using var deadline = new CancellationTokenSource(_options.Deadline, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, http.RequestAborted);
        await JudgeAsync(http, either.Token);
    }

    private async Task JudgeAsync(HttpContext http, CancellationToken cancellationToken)
    {
        using var message = new BesideMessage(services, _options.Shadow);
        if (WhyNoEnvelope(message, http.Request.Headers) is { } why)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, why);
            return;
        }

        // (3)
        var content = new Checkv2Content(message, _options.MaxHeaderBytes);
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            foreach (var piece in read.Buffer)
            {
                content.Feed(piece.Span);
            }

            reader.AdvanceTo(read.Buffer.End);
            if (content.IsHeaderTooLong)
            {
                await RefuseAsync(http, StatusCodes.Status413PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"the header section has more than {_options.MaxHeaderBytes} octets"));
                return;
            }

            if (read.IsCompleted)
            {
                break;
            }
        }

        content.End();

        // (4), (5)
        var answer = await message.JudgeAsync(cancellationToken);
        var isProxy = http.Request.Headers["Flags"].ToString().Split(',').Contains("milter", StringComparer.Ordinal);
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(Checkv2Answer.Write(message, answer, isProxy), cancellationToken);
    }

    // (2)
    private string? WhyNoEnvelope(BesideMessage message, IHeaderDictionary headers)
    {
        message.Begin(headers["From"].ToString());
        message.Client = AddressOf(headers["IP"].ToString());
        message.Helo = headers["Helo"].ToString();
        message.User = headers["User"].ToString();

        // Deliver-To is where the server will bring it after its own rewriting; it is the recipient only where nobody says the envelope's.
        var recipients = headers["Rcpt"] is { Count: > 0 } named ? named : headers["Deliver-To"];
        foreach (var recipient in recipients.SelectMany(static field => Addresses(field ?? "")))
        {
            if (!message.TryAdd(recipient, _options.MaxRecipients))
            {
                return string.Create(CultureInfo.InvariantCulture, $"there are more than {_options.MaxRecipients} recipients");
            }
        }

        return null;
    }

    // "192.0.2.7", or with the port behind it as the proxy says it.
    private static IPAddress? AddressOf(string text) =>
        IPAddress.TryParse(text, out var address) ? RelayNetwork.Plain(address) : IPEndPoint.TryParse(text, out var endPoint) ? RelayNetwork.Plain(endPoint.Address) : null;

    // Each recipient has a field of its own, or several stand in one behind commas; a comma within quotes is of the address.
    private static IEnumerable<string> Addresses(string field)
    {
        var (from, isQuoted) = (0, false);
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && isQuoted)
            {
                i++;
            }
            else if (field[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (field[i] == ',' && !isQuoted)
            {
                yield return field[from..i];
                from = i + 1;
            }
        }

        yield return field[from..];
    }

    private static async Task RefuseAsync(HttpContext http, int status, string why)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(JsonSerializer.Serialize(new { error = why }), CancellationToken.None);
    }

    [LoggerMessage(2541, LogLevel.Error, "a message that {Server} asked about by /checkv2 could not be judged for an error of ours")]
    private static partial void LogFailed(ILogger log, string server, Exception exception);
}
