using System.Diagnostics;

namespace Rollcall.Tests.Support;

/// <summary>The service as it is run: a process of its own, with its exit code and what it says.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Process process;
    private readonly Task<string> errors;
    private readonly System.Text.StringBuilder output = new();

    private HostProcess(Process process)
    {
        this.process = process;
        errors = process.StandardError.ReadToEndAsync();
        process.OutputDataReceived += (_, line) =>
        {
            lock (output)
            {
                output.AppendLine(line.Data);
            }
        };
        process.BeginOutputReadLine();
    }

    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    public bool HasExited => process.HasExited;

    /// <param name="runAs">A command before it, such as one that moves the clock.</param>
    public static HostProcess Start(
        IReadOnlyDictionary<string, string?> environment,
        string[] arguments,
        params string[] runAs
    )
    {
        string[] line = [.. runAs, "dotnet", typeof(Rollcall.Host.EmbeddedPostgres).Assembly.Location, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment.TryAdd("ASPNETCORE_URLS", "http://127.0.0.1:0");
        start.Environment.TryAdd("ROLLCALL_SEED", "none");
        start.Environment["ASPNETCORE_CONTENTROOT"] = AppContext.BaseDirectory;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        return new(Process.Start(start)!);
    }

    /// <summary>Waits for the end.</summary>
    public async Task<(int Code, string Output, string Errors)> EndAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, Output, await errors);
    }

    public static async Task<(int Code, string Output, string Errors)> RunAsync(
        IReadOnlyDictionary<string, string?> environment,
        params string[] arguments
    )
    {
        using var host = Start(environment, arguments);
        return await host.EndAsync();
    }

    public void Kill() => process.Kill(entireProcessTree: true);

    public void Dispose()
    {
        if (!process.HasExited)
        {
            Kill();
        }

        process.Dispose();
    }
}
