using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Core.Verbs;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>tsunagi radius …: packets read in place, and a client that asks any server; neither needs an installation.</summary>
internal static class RadiusVerbs
{
    private const int DictionaryFiles = 1_000;

    private static readonly VerbParameter Dictionary = new("--dictionary", "a dictionary file in FreeRADIUS' form, with what it includes (the standard's without it)");

    public static readonly IReadOnlyList<Verb> All =
    [
        new("radius decode", "Take RADIUS packets of captures or files apart", [
            new("FILE", "pcap, pcapng, or a file that is one packet, as octets or in hexadecimal", Required: true, Many: true), Dictionary,
            new("--secret", "the shared secret: hidden values are opened, and signatures are checked"), new("--any-port", "UDP of every port, not only those of RADIUS", IsFlag: true),
        ], DecodeAsync),
        new("radius test", "Send a request to a RADIUS server and show its answer", [
            new("SERVER", "address:port", Required: true), new("KIND", "what is asked", Required: true, Allowed: ["auth", "acct", "status", "disconnect", "coa"]),
            new("--secret", "the shared secret", Required: true), new("--user", "User-Name"), new("--password", "the password; asked for without it where one is needed"),
            new("--method", "how the password is proved (pap)", Allowed: ["pap", "chap", "mschap", "mschap2"]), new("--attribute", "\"Name=value\"; may be given several times", Many: true), Dictionary,
            new("--tries", "how often it is sent (3)", Value: VerbValue.Whole, Least: 1, Most: 10), new("--seconds", "how long an answer is waited for (3)", Value: VerbValue.Whole, Least: 1, Most: 60),
            new("--unsigned", "without Message-Authenticator, as old access servers ask", IsFlag: true),
        ], TestAsync),
    ];

    private static async Task<int> DecodeAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var dictionary = await ReadDictionaryAsync(context);
        var secret = context["--secret"] is { Length: > 0 } text ? new RadiusSecret(Encoding.UTF8.GetBytes(text)) : null;
        var (packets, bad, broken) = (0, 0, false);
        var json = new JsonArray();
        foreach (var file in context.Values("FILE"))
        {
            // Who asked, by both ends and identifier: an answer is opened and checked with the authenticator of its request.
            var asked = new Dictionary<(string, string, byte), byte[]>();
            var datagrams = RadiusFiles.Read(context, file, context.Flag("--any-port"), out var notes, out var isBroken);
            foreach (var datagram in datagrams)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var shown = Show(datagram, dictionary, secret, asked, out var node, out var isGood);
                packets++;
                bad += isGood ? 0 : 1;
                json.Add(node);
                if (!context.Json)
                {
                    await context.Out.WriteAsync(shown);
                }
            }

            broken |= isBroken;
            foreach (var note in notes)
            {
                await context.Error.WriteLineAsync(note);
            }
        }

        if (context.Json)
        {
            await context.Out.WriteLineAsync(json.ToJsonString());
        }

        context.Say($"{packets} packets, {bad} not understood or not authentic", bad > 0 || broken ? VerbTone.Warning : VerbTone.Muted);
        return packets == 0 || broken ? 1 : 0;
    }

    private static string Show(
        RadiusDatagram datagram, RadiusDictionary dictionary, RadiusSecret? secret, Dictionary<(string, string, byte), byte[]> asked, out JsonObject node, out bool isGood)
    {
        node = [];
        var where = datagram.From is null ? "" : $"{datagram.From} > {datagram.To} ";
        if (datagram.From is not null)
        {
            node["from"] = datagram.From.ToString();
            node["to"] = datagram.To!.ToString();
            node["milliseconds"] = datagram.Milliseconds;
        }

        if (!RadiusPacket.TryParse(datagram.Octets, null, out var packet, out var error))
        {
            isGood = false;
            node["error"] = error.Reason;
            node["offset"] = error.Offset;
            return $"{where}not read at octet {error.Offset}: {error.Reason}\n";
        }

        var isAnswer = packet.Code is RadiusCode.AccessAccept or RadiusCode.AccessReject or RadiusCode.AccessChallenge or RadiusCode.AccountingResponse or RadiusCode.DisconnectAck or RadiusCode.DisconnectNak
            or RadiusCode.CoaAck or RadiusCode.CoaNak;
        var key = isAnswer ? (datagram.To?.ToString() ?? "", datagram.From?.ToString() ?? "", packet.Identifier) : (datagram.From?.ToString() ?? "", datagram.To?.ToString() ?? "", packet.Identifier);
        var authenticator = isAnswer ? asked.GetValueOrDefault(key) : packet.Authenticator.ToArray();
        if (!isAnswer)
        {
            asked[key] = packet.Authenticator.ToArray();
        }

        var pairs = RadiusDecoder.Decode(packet, dictionary, authenticator is null ? null : secret, authenticator);
        var signature = secret is null || authenticator is null ? null : Signature(packet, secret, authenticator, isAnswer);
        isGood = signature is not false;
        node["code"] = packet.Code.ToString();
        node["identifier"] = packet.Identifier;
        node["authenticator"] = Convert.ToHexStringLower(packet.Authenticator);
        node["authentic"] = signature;
        node["attributes"] = Tree(pairs);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{where}{packet.Code} id {packet.Identifier}, {packet.Octets.Length} octets{(signature is { } known ? known ? ", authentic" : ", NOT authentic" : "")}\n");
        foreach (var pair in pairs)
        {
            text.Append("  ").Append(pair).Append('\n');
        }

        return text.ToString();
    }

    // Null where nothing signs the packet: an Access-Request without Message-Authenticator.
    private static bool? Signature(RadiusPacket packet, RadiusSecret secret, byte[] authenticator, bool isAnswer)
    {
        var hash = isAnswer ? secret.VerifyAnswer(packet, authenticator)
            : packet.Code is RadiusCode.AccountingRequest or RadiusCode.DisconnectRequest or RadiusCode.CoaRequest ? secret.VerifyRequest(packet) : (bool?)null;
        bool? signed = packet.MessageAuthenticatorAt < 0 ? null : isAnswer ? secret.VerifyMessageAuthenticator(packet, authenticator) : secret.VerifyMessageAuthenticator(packet);
        return hash is null ? signed : hash.Value && signed != false;
    }

    private static JsonArray Tree(ImmutableArray<RadiusPair> pairs)
    {
        var tree = new JsonArray();
        foreach (var pair in pairs)
        {
            var node = new JsonObject { ["name"] = pair.Name, ["number"] = pair.Oid };
            if (pair.Tag is { } tag)
            {
                node["tag"] = tag;
            }

            if (!pair.Children.IsDefault)
            {
                node["attributes"] = Tree(pair.Children);
            }
            else
            {
                node["value"] = pair.Text;
                if (pair.Form != RadiusPairForm.Typed)
                {
                    node["form"] = pair.Form.ToString().ToLowerInvariant();
                }
            }

            tree.Add(node);
        }

        return tree;
    }

    private static async Task<RadiusDictionary> ReadDictionaryAsync(VerbContext context)
    {
        if (context["--dictionary"] is not { } name)
        {
            return RadiusDictionary.Standard;
        }

        var path = context.Home.File(name);
        var reader = new RadiusDictionaryReader();
        var files = 0;
        (string, string)? Include(string from, string file)
        {
            var beside = Path.Combine(Path.GetDirectoryName(from) ?? "", file);
            return ++files <= DictionaryFiles && File.Exists(beside) ? (beside, File.ReadAllText(beside)) : null;
        }

        try
        {
            reader.Add(path, await File.ReadAllTextAsync(path), Include);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongInputException($"the file {name} cannot be read: {e.Message}");
        }

        var dictionary = reader.Build();
        foreach (var problem in reader.Problems.Take(20))
        {
            await context.Error.WriteLineAsync($"{problem.File} line {problem.Line}: {problem.Reason}");
        }

        return dictionary;
    }

    /// <summary>(1) The request is written from the parameters; (2) it is sent, again where nothing comes; (3) the answer, which must be authentic, is shown.</summary>
    private static async Task<int> TestAsync(VerbContext context, CancellationToken cancellationToken)
    {
        // (1)
        if (!IPEndPoint.TryParse(context["SERVER"]!, out var server) || server.Port == 0)
        {
            throw new WrongInputException($"\"{context["SERVER"]}\" is no address and port");
        }

        var dictionary = await ReadDictionaryAsync(context);
        var secret = new RadiusSecret(Encoding.UTF8.GetBytes(context["--secret"] is { Length: > 0 } text ? text : throw new WrongInputException("the secret is empty")));
        var request = Write(context, dictionary, secret);

        // (2)
        var started = Stopwatch.GetTimestamp();
        var isAccess = context["KIND"] is "auth" or "status";
        var exchange = await RadiusClient.AskAsync(
            server, request, secret, needsMessageAuthenticator: isAccess && !context.Flag("--unsigned"), Number(context, "--tries", 3), TimeSpan.FromSeconds(Number(context, "--seconds", 3)), TimeProvider.System, cancellationToken);

        // (3)
        if (exchange.Answer is not { } answer)
        {
            await context.Error.WriteLineAsync($"{server} gave no answer in {exchange.Tries} tries: {exchange.Problem}");
            return 1;
        }

        var key = ("", "", request[1]);
        var shown = Show(new RadiusDatagram(0, null, null, answer), dictionary, secret, new() { [key] = request[4..20] }, out var node, out _);
        if (context.Json)
        {
            node["tries"] = exchange.Tries;
            node["milliseconds"] = Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1);
            await context.Out.WriteLineAsync(node.ToJsonString());
        }
        else
        {
            await context.Out.WriteAsync(shown);
            context.Say(string.Create(CultureInfo.InvariantCulture, $"{exchange.Tries} sent, {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0} ms"), VerbTone.Muted);
        }

        return (RadiusCode)answer[0] is RadiusCode.AccessReject or RadiusCode.DisconnectNak or RadiusCode.CoaNak ? 1 : 0;
    }

    private static byte[] Write(VerbContext context, RadiusDictionary dictionary, RadiusSecret secret)
    {
        var code = context["KIND"] switch
        {
            "auth" => RadiusCode.AccessRequest,
            "acct" => RadiusCode.AccountingRequest,
            "status" => RadiusCode.StatusServer,
            "disconnect" => RadiusCode.DisconnectRequest,
            _ => RadiusCode.CoaRequest,
        };
        var buffer = new byte[4_096];
        var writer = new RadiusWriter(buffer, code, (byte)RandomNumberGenerator.GetInt32(256));
        RandomNumberGenerator.Fill(writer.Authenticator);
        if (!context.Flag("--unsigned") && code != RadiusCode.AccountingRequest)
        {
            writer.AddMessageAuthenticator();
        }

        writer.Add(RadiusType.UserName, context["--user"] ?? "");
        if (code == RadiusCode.AccessRequest)
        {
            var password = context["--password"] ?? context.Ask("Password: ", secret: true) ?? throw new WrongInputException("--password: an Access-Request needs one");
            Prove(ref writer, context["--method"] ?? "pap", context["--user"] ?? "", password, secret);
        }

        foreach (var attribute in context.Values("--attribute"))
        {
            var parts = attribute.Split('=', 2);
            if (parts.Length < 2)
            {
                throw new WrongInputException($"--attribute: \"{attribute}\" is no Name=value");
            }

            if (!RadiusEncoder.TryMake(dictionary, parts[0].Trim(), parts[1].Trim(), out var pair, out var reason)
                || !RadiusEncoder.TryEncode([pair!], dictionary, secret, writer.Authenticator.ToArray(), out var octets, out reason))
            {
                throw new WrongInputException("--attribute: " + reason);
            }

            writer.AddEncoded(octets);
        }

        var isWhole = code is RadiusCode.AccessRequest or RadiusCode.StatusServer ? writer.TryFinishAccess(secret, out var length) : writer.TryFinishSigned(secret, out length);
        return isWhole ? buffer[..length] : throw new WrongInputException("the attributes do not go into a packet");
    }

    private static void Prove(ref RadiusWriter writer, string method, string user, string password, RadiusSecret secret)
    {
        Span<byte> hash = stackalloc byte[MsChap.HashOctets];
        var name = Encoding.UTF8.GetBytes(user);
        switch (method)
        {
            case "pap":
                Span<byte> hidden = stackalloc byte[RadiusSecret.LongestPassword];
                var length = secret.HidePassword(Encoding.UTF8.GetBytes(password), writer.Authenticator, hidden);
                writer.Add(RadiusType.UserPassword, length > 0 ? hidden[..length] : throw new WrongInputException("--password: it is longer than 128 octets"));
                break;
            case "chap":
                Span<byte> chap = stackalloc byte[Chap.PasswordOctets];
                var challenge = RandomNumberGenerator.GetBytes(16);
                Chap.Answer((byte)RandomNumberGenerator.GetInt32(256), Encoding.UTF8.GetBytes(password), challenge, chap);
                writer.Add(RadiusType.ChapPassword, chap);
                writer.Add(RadiusType.ChapChallenge, challenge);
                break;
            case "mschap":
                var eight = RandomNumberGenerator.GetBytes(8);
                Span<byte> first = stackalloc byte[MsChap.ResponseAttributeOctets];
                first.Clear();
                first[1] = 1;
                MsChap.NtHash(password, hash);
                MsChap.ChallengeResponse(eight, hash, first[26..]);
                writer.AddVendor(MsChap.Vendor, MsChap.ChallengeType, eight);
                writer.AddVendor(MsChap.Vendor, MsChap.ResponseType, first);
                break;
            default:
                var sixteen = RandomNumberGenerator.GetBytes(16);
                Span<byte> second = stackalloc byte[MsChap.ResponseAttributeOctets];
                second.Clear();
                RandomNumberGenerator.Fill(second.Slice(2, 16));
                MsChap.NtHash(password, hash);
                MsChap.NtResponse(sixteen, second.Slice(2, 16), name, hash, second[26..]);
                writer.AddVendor(MsChap.Vendor, MsChap.ChallengeType, sixteen);
                writer.AddVendor(MsChap.Vendor, MsChap.Response2Type, second);
                break;
        }
    }

    private static int Number(VerbContext context, string name, int otherwise) => context[name] is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
