using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Rollcall.Tests.Support;

/// <summary>Everything that an instance logs: messages, their values, exceptions and scopes.</summary>
[ProviderAlias("Lines")]
internal sealed class Lines : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

    public ConcurrentQueue<string> All { get; } = [];

    public void AddTo(IServiceCollection services) => services.AddSingleton<ILoggerProvider>(this);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose() { }

    private sealed class Logger(Lines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => lines.scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var around = new List<string>();
            lines.scopes.ForEachScope((scope, found) => found.Add(Values(scope)), around);
            var message = $"{formatter(state, exception)} {Values(state)} {exception}";
            lines.All.Enqueue($"{logLevel} {category} {message} {string.Join(' ', around)}");
        }

        private static string Values(object? state) =>
            state is IEnumerable<KeyValuePair<string, object?>> values
                ? string.Join(' ', values.Select(v => $"{v.Key}={v.Value}"))
                : state?.ToString() ?? "";
    }
}
