using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Tsunagi.Tests.Testing;

/// <summary>A Rspamd of its own on a free port, with DNS records that are given to it and a list of one top-level domain, so that it starts in seconds.</summary>
public sealed class RspamdInstance : IAsyncDisposable
{
    public const string Program = "/usr/bin/rspamd";

    /// <summary>What Rspamd takes for spam that is to be marked, by definition.</summary>
    public const string MarkedPattern = "YJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private readonly TemporaryDirectory _directory;
    private readonly Process _process;
    private readonly HttpClient _client;

    private RspamdInstance(TemporaryDirectory directory, Process process, HttpClient client, int port)
    {
        Port = port;
        _directory = directory;
        _process = process;
        _client = client;
    }

    public int Port { get; }

    /// <summary>Starts one that verifies with the records and signs mail of local clients for the domain.</summary>
    public static async Task<RspamdInstance> StartAsync(IEnumerable<(string Name, string Text)> records, string signedDomain, string selector, string privateKeyPem, CancellationToken cancellationToken)
    {
        var directory = new TemporaryDirectory();
        int port = FreePorts.Tcp();
        string path = directory.Path;
        await File.WriteAllTextAsync(Path.Combine(path, "tld.dat"), "com\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(path, "key.pem"), privateKeyPem, cancellationToken);
        string fake = string.Join(", ", records.Select(record => $$"""{ name = "{{record.Name}}"; type = "txt"; replies = ["{{record.Text}}"]; }"""));
        string configuration = $$"""
            options {
              pidfile = "{{path}}/rspamd.pid"; tempdir = "{{path}}"; url_tld = "{{path}}/tld.dat"; filters = ["dkim"]; local_addrs = ["127.0.0.0/8"];
              dns { fake_records = [{{fake}}]; nameserver = ["127.0.0.1:1"]; }
            }
            logging { type = "console"; level = "warning"; }
            worker "normal" { bind_socket = "127.0.0.1:{{port}}"; count = 1; }
            dkim { }
            dkim_signing {
              domain { {{signedDomain}} { path = "{{path}}/key.pem"; selector = "{{selector}}"; } }
              sign_local = true; allow_envfrom_empty = true; allow_hdrfrom_mismatch = true; check_pubkey = false; use_domain = "header"; use_esld = false;
            }
            modules { path = "/usr/share/rspamd/plugins/dkim_signing.lua"; }
            lua = "/usr/share/rspamd/rules/rspamd.lua";
            """;
        var instance = await StartAsync(directory, port, configuration, cancellationToken);
        await instance.WaitAsync(cancellationToken);
        return instance;
    }

    /// <summary>Starts its proxy alone, as a milter that asks whoever answers /checkv2 on a port of loopback.</summary>
    public static async Task<RspamdInstance> StartProxyAsync(int checkv2Port, CancellationToken cancellationToken)
    {
        var directory = new TemporaryDirectory();
        int port = FreePorts.Tcp();
        string path = directory.Path;
        await File.WriteAllTextAsync(Path.Combine(path, "tld.dat"), "com\n", cancellationToken);
        var instance = await StartAsync(directory, port, $$"""
            options { pidfile = "{{path}}/rspamd.pid"; tempdir = "{{path}}"; url_tld = "{{path}}/tld.dat"; filters = []; dns { nameserver = ["127.0.0.1:1"]; } }
            logging { type = "console"; level = "warning"; }
            worker "rspamd_proxy" {
              bind_socket = "127.0.0.1:{{port}}"; count = 1; milter = yes; timeout = 30s; max_retries = 1;
              upstream "filter" { default = yes; hosts = "127.0.0.1:{{checkv2Port}}"; }
            }
            lua = "/usr/share/rspamd/rules/rspamd.lua";
            """, cancellationToken);
        await instance.WaitForPortAsync(cancellationToken);
        return instance;
    }

    /// <summary>Starts one as a milter that looks by itself, and knows nothing but the test patterns: it marks mail that carries <see cref="MarkedPattern"/> with "X-Spam: Yes".</summary>
    public static async Task<RspamdInstance> StartFilterAsync(CancellationToken cancellationToken)
    {
        var directory = new TemporaryDirectory();
        int port = FreePorts.Tcp();
        string path = directory.Path;
        await File.WriteAllTextAsync(Path.Combine(path, "tld.dat"), "com\n", cancellationToken);
        var instance = await StartAsync(directory, port, $$"""
            options {
              pidfile = "{{path}}/rspamd.pid"; tempdir = "{{path}}"; url_tld = "{{path}}/tld.dat"; filters = []; dns { nameserver = ["127.0.0.1:1"]; }
              enable_test_patterns = true; gtube_patterns = "all";
            }
            logging { type = "console"; level = "warning"; }
            worker "rspamd_proxy" { bind_socket = "127.0.0.1:{{port}}"; count = 1; milter = yes; timeout = 30s; upstream "local" { default = yes; self_scan = yes; } }
            lua = "/usr/share/rspamd/rules/rspamd.lua";
            """, cancellationToken);
        await instance.WaitForPortAsync(cancellationToken);
        return instance;
    }

    private static async Task<RspamdInstance> StartAsync(TemporaryDirectory directory, int port, string configuration, CancellationToken cancellationToken)
    {
        string path = directory.Path;
        await File.WriteAllTextAsync(Path.Combine(path, "rspamd.conf"), configuration, cancellationToken);
        var process = Process.Start(new ProcessStartInfo(Program, ["-f", "-i", "-c", Path.Combine(path, "rspamd.conf")]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new RspamdInstance(directory, process, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(10) }, port);
    }

    /// <summary>What it found of a message that came from the address.</summary>
    public async Task<JsonElement> CheckAsync(byte[] message, string ip, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/checkv2") { Content = new ByteArrayContent(message) };
        request.Headers.Add("IP", ip);
        using HttpResponseMessage response = await _client.SendAsync(request, cancellationToken);
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return document.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
        _directory.Dispose();
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        while (true)
        {
            try
            {
                using HttpResponseMessage response = await _client.GetAsync("/ping", limit.Token);
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
            }
        }
    }

    private async Task WaitForPortAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                return;
            }
            catch (SocketException) when (!_process.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
            }
        }
    }
}
