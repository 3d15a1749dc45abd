using System.Diagnostics;

namespace Tsunagi.Tests.Connectivity.Radius;

/// <summary>radclient of FreeRADIUS (package freeradius-utils): asks a server and prints what it said.</summary>
internal static class Radclient
{
    private const string Program = "/usr/bin/radclient";

    public static void Require() => Assert.SkipUnless(File.Exists(Program), "radclient is not there (package freeradius-utils)");

    /// <param name="server">"127.0.0.1:1812".</param>
    /// <param name="kind">auth, acct or status.</param>
    /// <param name="attributes">"User-Name=joe,…".</param>
    /// <param name="tries">How often it asks, two seconds apart.</param>
    public static async Task<string> RunAsync(string server, string kind, string attributes, int tries = 3)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var process = Process.Start(
            new ProcessStartInfo(Program, $"-x -r {tries} -t 2 {server} {kind} {RadiusWorld.Secret}") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteLineAsync(attributes);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var error = process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return await output + await error;
    }
}
